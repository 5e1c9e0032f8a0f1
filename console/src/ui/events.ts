type Words = readonly [en: string, zh: string]

/** What an event of the API says to people. What is not here is shown by its own name. */
const EVENTS: Record<string, Words> = {
  'training:taskCreated': ['Task created', '任务已创建'],
  'training:taskScheduling': ['Task queued', '任务排队中'],
  'training:taskStarting': ['Task starting', '任务启动中'],
  'training:taskRunning': ['Task running', '任务开始运行'],
  'training:taskRestarted': ['Task restarted', '任务已重启'],
  'training:taskCompleted': ['Task completed', '任务已完成'],
  'training:taskStateChanged': ['Task state changed', '任务状态变更'],
  'training:taskEdited': ['Task edited', '任务已编辑'],
  'training:taskPreempted': ['Task displaced by a higher priority', '任务被更高优先级抢占'],
  'training:taskStopping': ['Task stopping', '任务停止中'],
  'training:taskStopped': ['Task stopped', '任务已停止'],
  'training:taskExecuteFailed': ['Task failed', '任务异常'],
  'training:taskDeleted': ['Task deleted', '任务已删除'],
  'training:taskPublished': ['Task published as a model', '任务已发布为模型'],
  'data:datasetCreated': ['Dataset created', '数据集已创建'],
  'data:datasetImporting': ['Import started', '开始导入'],
  'data:datasetImported': ['Dataset imported', '数据集导入完成'],
  'data:datasetFailed': ['Import failed', '导入失败'],
  'data:datasetDeleted': ['Dataset deleted', '数据集已删除'],
  'data:versionPublished': ['Dataset version published', '数据集版本已发布'],
  'model:modelCreated': ['Model created', '模型已创建'],
  'model:modelDeleted': ['Model deleted', '模型已删除'],
  'model:versionCreated': ['Model version created', '模型版本已创建'],
  'model:versionDeleted': ['Model version deleted', '模型版本已删除'],
  'serving:serviceCreated': ['Service created', '服务已创建'],
  'serving:serviceRunning': ['Service running', '服务运行中'],
  'serving:serviceStopped': ['Service stopped', '服务已停止'],
  'serving:serviceFailed': ['Service failed', '服务异常'],
  'serving:serviceDeleted': ['Service deleted', '服务已删除'],
  'storage:bucketCreated': ['Bucket created', '存储桶已创建'],
  'storage:bucketDeleted': ['Bucket deleted', '存储桶已删除'],
  'storage:folderDeleted': ['Folder deleted', '文件夹已删除'],
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
