import {
  ApiOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  BlockOutlined,
  ClusterOutlined,
  DatabaseOutlined,
  DeploymentUnitOutlined,
  FolderOpenOutlined,
  KeyOutlined,
  MessageOutlined,
  TeamOutlined,
  ThunderboltOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { KeyOf } from '@/base/text'
import type { text } from './text'

type Words = KeyOf<typeof text>

export interface Place {
  path: string
  words: Words
  icon: ReactNode
  /** Only for people who may do this. */
  needs?: string
}

export interface Room {
  key: string
  words: Words | null
  places: readonly Place[]
}

/** The navigation, and the pages that the command palette knows. */
export const ROOMS: readonly Room[] = [
  {
    key: 'home',
    words: null,
    places: [{ path: '/', words: 'overview', icon: <AppstoreOutlined /> }],
  },
  {
    key: 'data',
    words: 'data',
    places: [
      { path: '/datasets', words: 'datasets', icon: <DatabaseOutlined /> },
      { path: '/storage', words: 'storage', icon: <FolderOpenOutlined /> },
    ],
  },
  {
    key: 'train',
    words: 'train',
    places: [
      { path: '/training', words: 'training', icon: <ThunderboltOutlined /> },
      { path: '/models', words: 'models', icon: <DeploymentUnitOutlined /> },
    ],
  },
  {
    key: 'serve',
    words: 'serve',
    places: [
      { path: '/services', words: 'services', icon: <ApiOutlined /> },
      { path: '/playground', words: 'playground', icon: <MessageOutlined /> },
    ],
  },
  {
    key: 'evaluate',
    words: 'evaluate',
    places: [{ path: '/evaluations', words: 'evaluations', icon: <BarChartOutlined /> }],
  },
  {
    key: 'settings',
    words: 'settings',
    places: [
      { path: '/users', words: 'users', icon: <TeamOutlined />, needs: 'iam:user:list' },
      { path: '/projects', words: 'projects', icon: <BlockOutlined /> },
      { path: '/keys', words: 'keys', icon: <KeyOutlined /> },
      { path: '/resources', words: 'resources', icon: <ClusterOutlined /> },
    ],
  },
]
