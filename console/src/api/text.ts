import { defineText } from '@/base/text'

export const text = defineText(
  'api',
  {
    noDetails: 'The server answered with status {{status}} and no explanation.',
    uploadLost: 'The server no longer knows this upload. Start it again.',
  },
  {
    noDetails: '服务器返回状态码 {{status}}，没有附加说明。',
    uploadLost: '服务器上已没有此次上传的记录，请重新上传。',
  },
)
