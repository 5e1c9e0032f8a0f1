import { defineText } from '@/base/text'

export const filesText = defineText(
  'label-files',
  {
    files: 'Original files',
    'state.safe':
      'Labels are kept apart; the files of the dataset stay untouched. Publish the result as a new version.',
    'state.written': 'Every label is written into the files of the dataset at once.',
    'state.writing': 'Labels are being written into the files…',
    'state.over': 'Labels are being written over the files…',
    'state.restoring': 'The original files are being restored…',
    'state.stopped': 'Labels are saved here, but not written into the files any more.',
    begin: 'Label in place',
    'begin.title': 'Write labels into the original files?',
    'begin.message':
      'All labels so far, and each one from now on, go into the files of the dataset. A snapshot is kept and can be restored.',
    again: 'Try again',
    over: 'Write over',
    'over.title': 'Write over what somebody else changed?',
    'over.message':
      'The files become the snapshot with all labels in it. What others changed in them is lost.',
    restore: 'Restore the originals',
    'restore.title': 'Restore the original files?',
    'restore.message':
      'The files become what they were before the first label. The labels stay in this task, which goes on without writing into files.',
    mayNot: 'Your role cannot change labelling tasks.',
  },
  {
    files: '原始文件',
    'state.safe': '标注单独保存，数据集文件保持不变；完成后可发布为新版本。',
    'state.written': '每条标注都会立即写入数据集文件。',
    'state.writing': '正在将标注写入文件…',
    'state.over': '正在用标注结果覆盖文件…',
    'state.restoring': '正在恢复原始文件…',
    'state.stopped': '标注已保存在平台，但不再写入文件。',
    begin: '写入原文件',
    'begin.title': '将标注写入原始文件？',
    'begin.message':
      '已有的全部标注以及今后的每条标注都会写入数据集文件。平台保留快照，可随时恢复。',
    again: '重试',
    over: '覆盖写入',
    'over.title': '覆盖他人的修改？',
    'over.message': '文件将变为快照加全部标注，他人在文件中的修改会丢失。',
    restore: '恢复原始文件',
    'restore.title': '恢复原始文件？',
    'restore.message': '文件恢复到首次标注之前。标注仍保留在此任务中，任务继续但不再写入文件。',
    mayNot: '您的角色不能修改标注任务。',
  },
)
