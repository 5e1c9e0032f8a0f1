type Words = readonly [en: string, zh: string]

/** What an event of the API says to people. What is not here is shown by its own name. */
const EVENTS: Record<string, Words> = {
  'training:taskScheduling': ['Task queued', '任务排队中'],
  'training:taskStateChanged': ['Task state changed', '任务状态变化'],
  'training:taskRunning': ['Task running', '任务开始运行'],
  'training:taskRestarted': ['Task restarted', '任务已重启'],
  'training:taskPreempted': ['Task preempted', '任务被抢占'],
  'training:taskCompleted': ['Task completed', '任务已完成'],
  'training:taskStopping': ['Task stopping', '任务停止中'],
  'training:taskStopped': ['Task stopped', '任务已停止'],
  'training:taskExecuteFailed': ['Task failed', '任务异常'],
  'training:taskEdited': ['Task edited', '任务已编辑'],
  'training:taskDeleted': ['Task deleted', '任务已删除'],
  'data:datasetCreated': ['Dataset created', '数据集已创建'],
  'data:datasetUpdated': ['Dataset edited', '数据集已编辑'],
  'data:datasetDeleting': ['Dataset being deleted', '数据集删除中'],
  'data:datasetDeleted': ['Dataset deleted', '数据集已删除'],
  'data:versionRequested': ['Dataset import started', '数据集开始导入'],
  'data:versionPublished': ['Dataset version published', '数据集版本已发布'],
  'data:importRetried': ['Import tried again', '重新导入'],
  'data:importFailed': ['Import failed', '导入失败'],
  'model:versionImporting': ['Model version importing', '模型版本导入中'],
  'model:versionImported': ['Model version imported', '模型版本导入完成'],
  'model:versionImportFailed': ['Model import failed', '模型导入失败'],
  'model:versionDeleted': ['Model version deleted', '模型版本已删除'],
  'model:modelEdited': ['Model edited', '模型已编辑'],
  'model:modelDeleted': ['Model deleted', '模型已删除'],
  'service:created': ['Service created', '服务已创建'],
  'service:edited': ['Service edited', '服务已编辑'],
  'service:deleted': ['Service deleted', '服务已删除'],
  'service:starting': ['Service starting', '服务启动中'],
  'service:stopping': ['Service stopping', '服务停止中'],
  'service:restarting': ['Service restarting', '服务重启中'],
  'service:stateChanged': ['Service state changed', '服务状态变化'],
  'service:instanceFailed': ['Service instance failed', '服务实例异常'],
  'service:versionCreated': ['Service version created', '服务版本已创建'],
  'service:versionDeleted': ['Service version deleted', '服务版本已删除'],
  'service:trafficSplit': ['Traffic split changed', '流量分配已变更'],
  'service:keyCreated': ['Service key created', '服务密钥已创建'],
  'service:keyChanged': ['Service key changed', '服务密钥已变更'],
  'service:keyDeleted': ['Service key deleted', '服务密钥已删除'],
  'service:keyRevealed': ['Service key revealed', '服务密钥被查看'],
  'evaluation:evaluationQueued': ['Evaluation queued', '评测排队中'],
  'evaluation:evaluationStarting': ['Evaluation starting', '评测启动中'],
  'evaluation:evaluationInferring': ['Evaluation running', '评测进行中'],
  'evaluation:evaluationStopping': ['Evaluation stopping', '评测停止中'],
  'evaluation:evaluationCompleted': ['Evaluation completed', '评测已完成'],
  'evaluation:evaluationStopped': ['Evaluation stopped', '评测已停止'],
  'evaluation:evaluationFailed': ['Evaluation failed', '评测失败'],
  'evaluation:evaluationEdited': ['Evaluation edited', '评测已编辑'],
  'evaluation:evaluationDeleted': ['Evaluation deleted', '评测已删除'],
  'storage:bucketCreated': ['Bucket created', '存储桶已创建'],
  'storage:bucketDeleted': ['Bucket deleted', '存储桶已删除'],
  'storage:folderDeleted': ['Folder deleted in', '已删除文件夹，存储桶'],
  'iam:projectCreated': ['Project created', '项目已创建'],
  'iam:memberSet': ['Member added or changed', '成员已添加或变更'],
  'iam:memberRemoved': ['Member removed', '成员已移除'],
}

export function eventWords(type: string, language: 'en' | 'zh'): string {
  const words = EVENTS[type]
  if (words !== undefined) return language === 'zh' ? words[1] : words[0]
  const name = type.slice(type.indexOf(':') + 1).replace(/([a-z])([A-Z])/g, '$1 $2')
  return name.charAt(0).toUpperCase() + name.slice(1).toLowerCase()
}

export function eventTone(type: string): 'bad' | 'good' | 'neutral' {
  if (/fail|abnormal|error/i.test(type)) return 'bad'
  return /completed|running|imported|published/i.test(type) ? 'good' : 'neutral'
}
