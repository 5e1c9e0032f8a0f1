import {
  AppstoreOutlined,
  BorderOuterOutlined,
  FileOutlined,
  GatewayOutlined,
  MessageOutlined,
  NodeIndexOutlined,
  PictureOutlined,
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
const RECORDS = /\.jsonl$/i

export const KINDS: Record<Kind, KindFacts> = {
  llm: {
    icon: <MessageOutlined aria-hidden />,
    shape: 'record',
    labelFormats: ['none'],
    exports: ['original'],
    files: RECORDS,
  },
  mllm: {
    icon: <PictureOutlined aria-hidden />,
    shape: 'record',
    labelFormats: ['none'],
    exports: ['original'],
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
  table: {
    icon: <TableOutlined aria-hidden />,
    shape: 'row',
    labelFormats: ['none'],
    exports: ['original'],
    files: /\.(csv|xlsx?)$/i,
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
