import { nameStates } from '@/base/sentences'
import type { Tone } from './palette'

interface StateLook {
  tone: Tone
  en: string
  zh: string
}

const look = (tone: Tone, en: string, zh: string): StateLook => ({ tone, en, zh })

/** The one place where a state of the API gets its colour and its words. */
const STATES: Record<string, StateLook> = {
  submitting: look('busy', 'Submitting', '提交中'),
  queued: look('neutral', 'Queued', '排队中'),
  planned: look('neutral', 'Planned', '已计划'),
  pruning: look('busy', 'Stopping early', '提前停止中'),
  pruned: look('neutral', 'Stopped early', '已提前停止'),
  pending: look('neutral', 'Pending', '等待中'),
  waiting: look('busy', 'Waiting', '等待就绪'),
  building: look('busy', 'Building', '构建中'),
  creating: look('busy', 'Creating', '创建中'),
  create_failed: look('bad', 'Creation failed', '创建失败'),
  starting: look('busy', 'Starting', '启动中'),
  preparing: look('busy', 'Preparing', '准备中'),
  deploying: look('busy', 'Deploying', '部署中'),
  deploy_failed: look('bad', 'Set-up failed', '部署失败'),
  mounting: look('busy', 'Mounting', '挂载中'),
  repairing: look('warn', 'Repairing', '维修中'),
  releasing: look('busy', 'Releasing', '释放中'),
  released: look('neutral', 'Released', '已释放'),
  retired: look('neutral', 'No longer used', '已不使用'),
  cordoned: look('warn', 'No new work', '不接收新任务'),
  draining: look('busy', 'Draining', '排空中'),
  updating: look('busy', 'Updating', '更新中'),
  importing: look('busy', 'Importing', '导入中'),
  parsing: look('busy', 'Parsing', '解析中'),
  uploading: look('busy', 'Uploading', '上传中'),
  inferring: look('busy', 'Evaluating', '评测中'),
  evaluating: look('busy', 'Evaluating', '评测中'),
  running: look('good', 'Running', '运行中'),
  normal: look('good', 'Running', '运行中'),
  ready: look('good', 'Ready', '就绪'),
  available: look('good', 'Available', '可用'),
  published: look('good', 'Published', '已发布'),
  enabled: look('good', 'Enabled', '已启用'),
  active: look('good', 'Active', '有效'),
  completed: look('good', 'Completed', '已完成'),
  finished: look('good', 'Finished', '已完成'),
  succeeded: look('good', 'Succeeded', '成功'),
  scored: look('good', 'Scored', '已完成打分'),
  waiting_for_scores: look('warn', 'Waiting for scores', '待打分'),
  container_ready: look('busy', 'Not ready yet', '尚未就绪'),
  terminated: look('neutral', 'Terminated', '已终止'),
  placed: look('busy', 'Placed', '已调度'),
  exited: look('neutral', 'Exited', '已退出'),
  retrying: look('warn', 'Retrying', '重试中'),
  delivered: look('good', 'Delivered', '已送达'),
  draft: look('neutral', 'Draft', '草稿'),
  created: look('good', 'Created', '已创建'),
  unlabelled: look('neutral', 'Unlabelled', '未标注'),
  labelled: look('busy', 'Labelled', '已标注'),
  approved: look('good', 'Approved', '已通过'),
  sent_back: look('warn', 'Sent back', '已退回'),
  deleted: look('bad', 'Deleted', '已删除'),
  stopping: look('busy', 'Stopping', '停止中'),
  terminating: look('busy', 'Terminating', '终止中'),
  deleting: look('busy', 'Deleting', '删除中'),
  stopped: look('neutral', 'Stopped', '已停止'),
  canceled: look('neutral', 'Cancelled', '已取消'),
  cancelled: look('neutral', 'Cancelled', '已取消'),
  disabled: look('neutral', 'Disabled', '已停用'),
  expired: look('neutral', 'Expired', '已过期'),
  isolated: look('warn', 'Isolated', '已隔离'),
  banned: look('bad', 'Banned', '已封禁'),
  unavailable: look('warn', 'Unavailable', '不可用'),
  lost: look('warn', 'Lost', '失联'),
  abnormal: look('bad', 'Abnormal', '异常'),
  failed: look('bad', 'Failed', '失败'),
  timeout_exception: look('bad', 'Timed out', '超时'),
}

/** `WaitingForScores`, `TIMEOUT_EXCEPTION` and `timeout-exception` name their state alike. */
function canonical(state: string): string {
  return state
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s-]+/g, '_')
    .toLowerCase()
}

export function stateTone(state: string): Tone {
  return STATES[canonical(state)]?.tone ?? 'neutral'
}

export function stateLabel(state: string, language: 'en' | 'zh'): string {
  return STATES[canonical(state)]?.[language] ?? humanised(state)
}

// Sentences of the API name states, too.
nameStates((state) => STATES[canonical(state)]?.zh ?? null)

function humanised(state: string): string {
  const words = canonical(state).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
