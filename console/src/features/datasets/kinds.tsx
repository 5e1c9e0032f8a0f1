import {
  AppstoreOutlined,
  BorderOuterOutlined,
  FileOutlined,
  FileTextOutlined,
  GatewayOutlined,
  MessageOutlined,
  NodeIndexOutlined,
  PictureOutlined,
  ScanOutlined,
  TableOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Schema } from '@/api/types'

export type Kind = Schema<'DatasetKind'>
export type LabelFormat = Schema<'LabelFormat'>
export type ExportFormat = Schema<'ExportFormat'>

/** How samples of a kind are shown. */
export type Shape = 'record' | 'image' | 'row' | 'file'

interface KindFacts {
  icon: ReactNode
  shape: Shape
  /** The first is proposed. */
  labelFormats: readonly LabelFormat[]
  exports: readonly ExportFormat[]
  /** Names of files that are samples; null: any file. */
  files: RegExp | null
}

const IMAGES = /\.(jpe?g|png|bmp)$/i
const RECORDS = /\.(jsonl|parquet|arrow|json|tar)$/i

const RECORD_EXPORTS = [
  'original',
  'messages',
  'sharegpt',
  'alpaca',
  'parquet',
  'hugging_face',
  'webdataset',
] as const

export const KINDS: Record<Kind, KindFacts> = {
  llm: {
    icon: <MessageOutlined aria-hidden />,
    shape: 'record',
    labelFormats: ['none'],
    exports: RECORD_EXPORTS,
    files: RECORDS,
  },
  mllm: {
    icon: <PictureOutlined aria-hidden />,
    shape: 'record',
    labelFormats: ['none'],
    exports: RECORD_EXPORTS,
    files: RECORDS,
  },
  image_classification: {
    icon: <AppstoreOutlined aria-hidden />,
    shape: 'image',
    labelFormats: ['folder', 'ti', 'label_studio', 'cvat', 'manifest', 'none'],
    exports: ['original', 'folder', 'ti', 'label_studio', 'cvat', 'manifest'],
    files: IMAGES,
  },
  object_detection: {
    icon: <BorderOuterOutlined aria-hidden />,
    shape: 'image',
    labelFormats: ['voc', 'coco', 'yolo', 'ti', 'label_studio', 'cvat', 'manifest', 'none'],
    exports: ['original', 'voc', 'coco', 'yolo', 'ti', 'label_studio', 'cvat', 'manifest'],
    files: IMAGES,
  },
  image_segmentation: {
    icon: <GatewayOutlined aria-hidden />,
    shape: 'image',
    labelFormats: ['coco', 'voc', 'yolo', 'ti', 'label_studio', 'cvat', 'none'],
    exports: ['original', 'coco', 'voc', 'yolo', 'ti', 'label_studio', 'cvat'],
    files: IMAGES,
  },
  object_tracking: {
    icon: <NodeIndexOutlined aria-hidden />,
    shape: 'image',
    labelFormats: ['ti', 'cvat', 'none'],
    exports: ['original', 'ti', 'cvat'],
    files: IMAGES,
  },
  ocr: {
    icon: <ScanOutlined aria-hidden />,
    shape: 'image',
    labelFormats: ['ti', 'none'],
    exports: ['original', 'ti'],
    files: IMAGES,
  },
  text: {
    icon: <FileTextOutlined aria-hidden />,
    shape: 'record',
    labelFormats: ['ti', 'none'],
    exports: ['original'],
    files: /\.(jsonl|txt|json)$/i,
  },
  table: {
    icon: <TableOutlined aria-hidden />,
    shape: 'row',
    labelFormats: ['none'],
    exports: ['original'],
    files: /\.(csv|tsv|xlsx?|parquet)$/i,
  },
  other: {
    icon: <FileOutlined aria-hidden />,
    shape: 'file',
    labelFormats: ['none'],
    exports: ['original'],
    files: null,
  },
}

export const ALL_KINDS = Object.keys(KINDS) as Kind[]
