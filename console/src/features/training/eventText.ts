import { defineText } from '@/base/text'

/** One sentence for what an event of a task means to whoever looks for a cause. */
export const eventText = defineText(
  'taskEvents',
  {
    taskScheduling: 'The task entered the queue and waits for its resources.',
    taskReleased: 'All tasks that it was to start after have completed; it is in the queue.',
    taskStateChanged: 'The platform prepares or ends the task’s instances.',
    taskRunning: 'All instances are up and run the command.',
    taskCompleted: 'All instances that count ended with code 0.',
    taskExecuteFailed: 'The run failed. The log of the instance named here tells more.',
    taskRestarted: 'The platform started all instances again, as the restart limit allows.',
    taskPreempted: 'A task of higher priority took the place; this one is queued again.',
    taskStopping: 'A user asked to stop the task.',
    taskStopped: 'The task was stopped; nothing of it runs any more.',
    taskEdited: 'Name, description or tags were changed.',
    taskDeleted: 'The task was deleted.',
  },
  {
    taskScheduling: '任务已进入队列，等待资源。',
    taskReleased: '所等待的任务已全部完成，本任务进入队列。',
    taskStateChanged: '平台正在准备或结束任务的实例。',
    taskRunning: '所有实例已就绪并开始执行命令。',
    taskCompleted: '所有需要计入的实例均以退出码 0 结束。',
    taskExecuteFailed: '运行失败，请查看所示实例的日志。',
    taskRestarted: '平台在重启次数限制内重新启动了所有实例。',
    taskPreempted: '更高优先级的任务占用了资源，本任务已重新排队。',
    taskStopping: '用户请求停止任务。',
    taskStopped: '任务已停止，不再有进程运行。',
    taskEdited: '名称、描述或标签已变更。',
    taskDeleted: '任务已删除。',
  },
)
