import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Form, Segmented, type FormInstance } from 'antd'
import { useState } from 'react'
import { uploadFile } from '@/api/uploads'
import { useText } from '@/base/text'
import { bucketList } from '@/features/storage/queries'
import { InPlaceWarning } from '@/features/labelling/schema/InPlaceWarning'
import { FileUpload } from '@/ui/upload/FileUpload'
import { KINDS, type Kind } from '../kinds'
import { nameFrom } from '../name'
import { ARCHIVE, uploadedAddress } from '../place/address'
import { PlaceField } from '../place/PlaceField'
import { PlacePeek } from '../place/PlacePeek'
import { text } from './text'
import { EMPTY_BATCH, watched, type Batch } from './uploadBatch'
import { useField } from './useField'
import type { Values } from './values'

interface Props {
  form: FormInstance<Values>
  batch: Batch
  onBatch: (batch: Batch) => void
}

/** Files from this computer, or an address in storage. Either way the form holds an address. */
export function SourceStep({ form, batch, onBatch }: Props) {
  const t = useText(text)
  const kind = useField(form, 'kind')
  const place = useField(form, 'place')
  const address = useField(form, 'address')
  const files = chosenFiles(kind)
  const check = (_: unknown, value: string) => {
    const words = problem(place, value, batch)
    return words === null ? Promise.resolve() : Promise.reject(new Error(t(words)))
  }
  return (
    <>
      <Form.Item name="place" label={t('source.how')} required>
        <Segmented
          options={[
            { value: 'upload', label: t('source.upload') },
            { value: 'storage', label: t('source.storage') },
          ]}
          onChange={() => {
            form.setFieldValue('address', '')
            onBatch(EMPTY_BATCH)
          }}
        />
      </Form.Item>
      {place === 'upload' ? <Upload form={form} kind={kind} onBatch={onBatch} /> : null}
      <Form.Item
        name="address"
        label={place === 'upload' ? t('source.used') : t('source.address')}
        extra={place === 'upload' ? null : t('source.addressHint')}
        hidden={place === 'upload' && address === '' && batch.moving + batch.failed === 0}
        required
        validateTrigger={[]}
        rules={[{ validator: check }]}
      >
        {place === 'upload' ? <Address /> : <PlaceChoice form={form} files={files} />}
      </Form.Item>
      <InPlaceWarning kind={kind} />
      {place === 'storage' && address !== '' ? (
        <PlacePeek address={address} wanted={KINDS[kind].files} />
      ) : null}
    </>
  )
}

interface ChoiceProps {
  form: FormInstance<Values>
  files: RegExp
  id?: string
  value?: string
  onChange?: (address: string) => void
}

/** A place suggests the name of the dataset, until someone types one. */
function PlaceChoice({ form, onChange, ...field }: ChoiceProps) {
  return (
    <PlaceField
      {...field}
      onChange={(address) => {
        onChange?.(address)
        suggestName(form, field.value ?? '', address)
      }}
    />
  )
}

/** A name that is still what the address before suggested was not typed by anyone. */
function suggestName(form: FormInstance<Values>, before: string, address: string): void {
  const name: unknown = form.getFieldValue('name')
  if (name === '' || name === nameFrom(before)) form.setFieldValue('name', nameFrom(address))
  const output: unknown = form.getFieldValue('output_address')
  if (address !== '' && (output === '' || output === outputFor(before))) {
    form.setFieldValue('output_address', outputFor(address))
  }
}

/** A folder of the same bucket that all datasets may share: each has its own place in it. */
export function outputFor(address: string): string {
  return `${address.split('/')[0] ?? ''}/dataset-output/`
}

function Address({ value = '' }: { value?: string }) {
  return <code>{value || '–'}</code>
}

function problem(place: Values['place'], address: string, { moving, failed }: Batch) {
  if (place === 'upload' && moving > 0) return 'source.busy'
  if (place === 'upload' && failed > 0) return 'source.failed'
  return address.trim() === '' ? 'source.missing' : null
}

function chosenFiles(kind: Kind): RegExp {
  const own = KINDS[kind].files
  return own === null ? /./ : new RegExp(`${ARCHIVE.source}|${own.source}`, 'i')
}

function Upload({ form, kind, onBatch }: Omit<Props, 'batch'> & { kind: Kind }) {
  const t = useText(text)
  const client = useQueryClient()
  const buckets = useQuery(bucketList()).data?.items ?? []
  const bucket = (buckets.find(({ is_default: own }) => own) ?? buckets[0])?.name
  const [folder] = useState(() => `datasets/${stamp(new Date())}/`)
  if (bucket === undefined) return null
  const base = `${bucket}/${folder}`
  const single = kind === 'table' ? chosenFiles(kind) : ARCHIVE
  const settle = (batch: Batch) => {
    onBatch(batch)
    const before = String(form.getFieldValue('address'))
    const address = uploadedAddress(base, batch.arrived, single)
    form.setFieldValue('address', address)
    // The folder made for the upload is named by the time, which is no name for a dataset.
    suggestName(form, before === base ? '' : before, address === base ? '' : address)
    if (batch.moving === 0) void client.invalidateQueries({ queryKey: ['bucket'] })
  }
  return (
    <Form.Item>
      <UploadArea
        key={base}
        bucket={bucket}
        folder={folder}
        onBatch={settle}
        hint={t('source.uploadHint', { place: base })}
      />
    </Form.Item>
  )
}

interface AreaProps {
  bucket: string
  folder: string
  hint: string
  onBatch: (batch: Batch) => void
}

function UploadArea({ bucket, folder, hint, onBatch }: AreaProps) {
  const [send] = useState(() =>
    watched(
      (file, path, onProgress, signal) =>
        uploadFile(file, { bucket, key: folder + path }, onProgress, signal),
      onBatch,
    ),
  )
  return <FileUpload send={send} hint={hint} />
}

/** 20261120-190531: a folder of its own for each form, in order of time. */
function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
}
