import { Button, Modal } from 'antd'
import { useQueryClient } from '@tanstack/react-query'
import { uploadFile } from '@/api/uploads'
import { useText } from '@/base/text'
import { FileUpload } from '@/ui/upload/FileUpload'
import { text } from './text'

interface Props {
  bucket: string
  folder: string
  open: boolean
  onClose: () => void
}

/** Closing it does not stop what is on its way: it stays mounted behind the page. */
export function UploadDialog({ bucket, folder, open, onClose }: Props) {
  const t = useText(text)
  const client = useQueryClient()
  return (
    <Modal
      open={open}
      title={t('upload.title', { place: `${bucket}/${folder}` })}
      width={640}
      onCancel={onClose}
      footer={<Button onClick={onClose}>{t('upload.close')}</Button>}
    >
      <FileUpload
        key={`${bucket}/${folder}`}
        hint={t('upload.hint')}
        send={(file, path, onProgress, signal) =>
          uploadFile(file, { bucket, key: folder + path }, onProgress, signal)
        }
        onDone={() => void client.invalidateQueries({ queryKey: ['bucket'] })}
      />
    </Modal>
  )
}
