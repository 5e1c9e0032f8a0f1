import { api, call } from '@/api/client'
import { oneQuery } from '@/api/queries'
import type { Schema } from '@/api/types'

export type Alarm = Schema<'ServiceAlarmView'>
export type AlarmForm = Schema<'ServiceAlarmForm'>
export type AlarmMetric = Schema<'AlarmMetric'>

const ofService = (id: string) => ({ params: { path: { service_id: id } } })
const ofAlarm = ({ service_id, id }: Pick<Alarm, 'service_id' | 'id'>) => ({
  params: { path: { service_id, alarm_id: id } },
})

export const alarmList = (service: string) =>
  oneQuery('service', service, 'alarms', (signal) =>
    call(api.GET('/api/v1/services/{service_id}/alarms', { ...ofService(service), signal })),
  )

export const createAlarm = (service: string, body: AlarmForm) =>
  call(api.POST('/api/v1/services/{service_id}/alarms', { ...ofService(service), body }))

export const changeAlarm = (alarm: Alarm, body: AlarmForm) =>
  call(api.PUT('/api/v1/services/{service_id}/alarms/{alarm_id}', { ...ofAlarm(alarm), body }))

export const deleteAlarm = (alarm: Alarm) =>
  call(api.DELETE('/api/v1/services/{service_id}/alarms/{alarm_id}', ofAlarm(alarm)))
