/** What a new group begins with; the API fills in the same where nothing is sent. */
export const DEFAULT_POLICY = JSON.stringify(
  {
    Version: '1.0',
    ResourceRule: { DefaultPriority: 0, DefaultQueue: 0 },
    TaskRules: [],
  },
  null,
  2,
)

/** Keys of the document, for the help beside the editor. */
export const POLICY_KEYS = [
  'Version',
  'ResourceRule.DefaultPriority',
  'ResourceRule.DefaultQueue',
  'ResourceRule.Preempted',
  'TaskRules',
  'TaskRules[].AttrRules',
  'TaskRules[].ScheduleRule.Priority',
] as const
