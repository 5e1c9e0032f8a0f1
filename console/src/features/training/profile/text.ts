import { defineText } from '@/base/text'

export const profileText = defineText(
  'training-profile',
  {
    open: 'Profile',
    title: 'Profile of {{name}}',
    lead: 'Every Python program of the instance is looked at from outside, 100 times a second, while it goes on. Wider is more time; a click enlarges a call.',
    seconds: 'Seconds',
    s: 's',
    idle: 'with waiting time',
    take: 'Take a profile',
    looking: 'Looking for {{seconds}} s',
    process: 'Process {{pid}}',
    download: 'Download for speedscope',
    none: 'Nothing was running in that time. Waiting programs show with the switch on.',
    all: 'everything',
  },
  {
    open: '性能剖析',
    title: '{{name}} 的性能剖析',
    lead: '从外部以每秒 100 次采样实例中的每个 Python 程序，程序照常运行。越宽耗时越多；点击可放大某个调用。',
    seconds: '秒数',
    s: '秒',
    idle: '包含等待时间',
    take: '开始剖析',
    looking: '正在采样 {{seconds}} 秒',
    process: '进程 {{pid}}',
    download: '下载（speedscope 格式）',
    none: '这段时间内没有程序在运行。打开开关可显示等待中的程序。',
    all: '全部',
  },
)
