import {
  AimOutlined,
  ApiOutlined,
  AppstoreAddOutlined,
  AppstoreOutlined,
  BarChartOutlined,
  BellOutlined,
  BlockOutlined,
  BranchesOutlined,
  ClusterOutlined,
  CodeOutlined,
  CodeSandboxOutlined,
  DatabaseOutlined,
  DeploymentUnitOutlined,
  ExperimentOutlined,
  FolderOpenOutlined,
  GroupOutlined,
  HistoryOutlined,
  KeyOutlined,
  LineChartOutlined,
  MailOutlined,
  MessageOutlined,
  TagsOutlined,
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
    places: [{ path: '/', words: 'overview', icon: <AppstoreOutlined aria-hidden /> }],
  },
  {
    key: 'data',
    words: 'data',
    places: [
      { path: '/datasets', words: 'datasets', icon: <DatabaseOutlined aria-hidden /> },
      { path: '/labelling', words: 'labelling', icon: <TagsOutlined aria-hidden /> },
      { path: '/storage', words: 'storage', icon: <FolderOpenOutlined aria-hidden /> },
    ],
  },
  {
    key: 'train',
    words: 'train',
    places: [
      { path: '/training', words: 'training', icon: <ThunderboltOutlined aria-hidden /> },
      { path: '/searches', words: 'searches', icon: <AimOutlined aria-hidden /> },
      { path: '/runs', words: 'runs', icon: <ExperimentOutlined aria-hidden /> },
      { path: '/models', words: 'models', icon: <DeploymentUnitOutlined aria-hidden /> },
      { path: '/environments', words: 'environments', icon: <CodeSandboxOutlined aria-hidden /> },
      { path: '/repositories', words: 'repositories', icon: <BranchesOutlined aria-hidden /> },
    ],
  },
  {
    key: 'serve',
    words: 'serve',
    places: [
      { path: '/services', words: 'services', icon: <ApiOutlined aria-hidden /> },
      { path: '/service-groups', words: 'serviceGroups', icon: <GroupOutlined aria-hidden /> },
      {
        path: '/preset-services',
        words: 'presetServices',
        icon: <AppstoreAddOutlined aria-hidden />,
      },
      { path: '/calls', words: 'calls', icon: <LineChartOutlined aria-hidden /> },
      { path: '/playground', words: 'playground', icon: <MessageOutlined aria-hidden /> },
    ],
  },
  {
    key: 'evaluate',
    words: 'evaluate',
    places: [
      { path: '/evaluations', words: 'evaluations', icon: <BarChartOutlined aria-hidden /> },
    ],
  },
  {
    key: 'watch',
    words: 'watch',
    places: [
      {
        path: '/alerts',
        words: 'alerts',
        icon: <BellOutlined aria-hidden />,
        needs: 'alert:rule:list',
      },
      {
        path: '/events',
        words: 'events',
        icon: <HistoryOutlined aria-hidden />,
        needs: 'event:event:list',
      },
    ],
  },
  {
    key: 'settings',
    words: 'settings',
    places: [
      {
        path: '/users',
        words: 'users',
        icon: <TeamOutlined aria-hidden />,
        needs: 'iam:user:list',
      },
      { path: '/projects', words: 'projects', icon: <BlockOutlined aria-hidden /> },
      { path: '/keys', words: 'keys', icon: <KeyOutlined aria-hidden /> },
      { path: '/api-reference', words: 'reference', icon: <CodeOutlined aria-hidden /> },
      { path: '/resources', words: 'resources', icon: <ClusterOutlined aria-hidden /> },
      {
        path: '/mail-server',
        words: 'mailServer',
        icon: <MailOutlined aria-hidden />,
        needs: 'platform:mail:get',
      },
    ],
  },
]
