import { defineText } from '@/base/text'

export const text = defineText(
  'signin',
  {
    title: 'Sign in',
    lead: 'Data, training, models, evaluation and services in one place.',
    name: 'User name',
    password: 'Password',
    submit: 'Sign in',
    needName: 'Enter your user name.',
    needPassword: 'Enter your password.',
    firstTime: 'First time here?',
    firstHint:
      'The first start created the user “admin” and printed a one-time password in the terminal where “slipway up” runs. Sign in with it and change it.',
    noProject: 'No project yet',
    noProjectHint: 'You are not a member of any project. Ask an administrator to add you to one.',
    signOut: 'Sign out',
  },
  {
    title: '登录',
    lead: '数据、训练、模型、评测与服务，一处完成。',
    name: '用户名',
    password: '密码',
    submit: '登录',
    needName: '请输入用户名。',
    needPassword: '请输入密码。',
    firstTime: '第一次使用？',
    firstHint:
      '首次启动时会创建用户 admin，并在运行 slipway up 的终端里打印一次性密码。请用它登录，然后修改密码。',
    noProject: '暂无项目',
    noProjectHint: '您还不是任何项目的成员，请联系管理员添加。',
    signOut: '退出登录',
  },
)
