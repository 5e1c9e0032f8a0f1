interface Parameter {
  name: string
  initial: string
  words: { en: string; zh: string }
}

const key = (name: string, initial: string, en: string, zh: string): Parameter => ({
  name,
  initial,
  words: { en, zh },
})

/** What the templates' hyper-parameters do. */
export const PARAMETERS: readonly Parameter[] = [
  key('Epoch', '2', 'How often the data is gone through.', '遍历训练数据的轮数。'),
  key(
    'BatchSize',
    '1',
    'Samples in one step on one process. More is faster and needs more memory.',
    '每个进程每步的样本数，越大越快，占用内存越多。',
  ),
  key(
    'LearningRate',
    '1e-5',
    'How far one step moves the weights. Too high and the loss does not settle; too low and it hardly falls.',
    '每步更新的幅度：过高不收敛，过低下降缓慢。',
  ),
  key('Step', '750', 'Save a checkpoint after so many steps.', '每隔多少步保存一次检查点。'),
  key(
    'FinetuningType',
    'Lora',
    'Lora trains small added parts beside frozen weights; Full trains every weight and needs more resources.',
    'Lora 只训练新增的低秩参数；Full 训练全部权重，需要更多资源。',
  ),
  key(
    'MaxSequenceLength',
    '2048',
    'Longest sample in tokens; what is longer is cut.',
    '单条样本的最大 token 数，超出部分被截断。',
  ),
  key(
    'GradienAccumulationSteps',
    '1',
    'Steps whose gradients are added before one update: a larger batch without more memory. The spelling with the second “t” works too.',
    '累积多少步梯度后更新一次，等效于更大的批量。也接受正确拼写 GradientAccumulationSteps。',
  ),
  key(
    'GradientCheckPointing',
    'true',
    'Computes activations again instead of keeping them: less memory, slower.',
    '以重新计算换取内存：更省内存，但更慢。',
  ),
  key(
    'DeepspeedZeroStage',
    'z3',
    'How weights are split over GPUs: z0, z2, z2_offload, z3 or z3_offload. Needs GPUs and the package deepspeed; without them training goes on undivided.',
    '权重在多卡间的切分方式：z0、z2、z2_offload、z3、z3_offload。需要 GPU 和 deepspeed 软件包，否则不切分。',
  ),
  key(
    'ResumeFromCheckpoint',
    'true',
    'Go on from the newest checkpoint in the output, if there is one.',
    '输出目录中有检查点时，从最新的检查点继续训练。',
  ),
  key(
    'overwrite_output_dir',
    'false',
    'With ResumeFromCheckpoint false: start anew although the output is not empty.',
    'ResumeFromCheckpoint 为 false 时，允许覆盖非空的输出目录。',
  ),
  key(
    'UseTilearn',
    'true',
    'Taken from configurations of other platforms; has no effect in these recipes.',
    '兼容其他平台的配置，在这些配方中不起作用。',
  ),
  key(
    'TilearnHybridTPSize',
    '1',
    'Tensor parallelism. These recipes train with data parallelism only: leave it at 1.',
    '张量并行。这些配方只使用数据并行，请保持 1。',
  ),
  key(
    'TilearnHybridPPSize',
    '1',
    'Pipeline parallelism. Leave it at 1, for the same reason.',
    '流水线并行。同上，请保持 1。',
  ),
  key(
    'Stage',
    'sft',
    'sft learns from conversations, pretrain from plain text.',
    'sft 学习对话数据，pretrain 学习纯文本。',
  ),
  key(
    'FromScratch',
    '–',
    'Begin with random weights of a size, such as {"Size": "tiny"}; no base model is needed.',
    '从随机权重开始，如 {"Size": "tiny"}，无需基座模型。',
  ),
  key(
    'ValidationShare',
    '0',
    'Part of the data kept for validation, 0 to 0.5.',
    '留作验证的数据比例，0 到 0.5。',
  ),
  key('LoraRank', '8', 'Size of the added parts.', '低秩参数的秩。'),
  key('LoraAlpha', '2 × rank', 'How strongly the added parts count.', '低秩参数的缩放系数。'),
  key(
    'LoraDropout',
    '0',
    'Share of the added parts left out at random, 0 to 0.5.',
    '低秩参数的随机丢弃比例，0 到 0.5。',
  ),
  key(
    'MergeAdapter',
    'true',
    'Write the full model with the added parts merged, besides the adapter.',
    '除适配器外，同时输出合并后的完整模型。',
  ),
  key('Seed', '42', 'The same seed repeats the same run.', '随机种子，相同种子得到相同结果。'),
]
