import {
  CopyOutlined,
  DeleteOutlined,
  EyeInvisibleOutlined,
  MergeCellsOutlined,
  NodeIndexOutlined,
  ScissorOutlined,
  StopOutlined,
  TagOutlined,
} from '@ant-design/icons'
import { Button, Dropdown, Tooltip } from 'antd'
import { useText } from '@/base/text'
import { useConfirm } from '@/ui/Confirm'
import type { Track } from '../queries'
import { keysOf, useBindings, type CommandName } from '../work/keymap'
import { shownKey } from '../work/shownKey'
import { text } from '../work/text'
import { trackOf } from './onTrack'
import type { Shape } from './shapes'
import type { Tracks } from './useTracks'

interface Props {
  tracks: Tracks
  at: number
  shapes: readonly Shape[]
  colours: ReadonlyMap<string, string>
  chosen: Shape | undefined
  readOnly: boolean
  onSelect: (index: number) => void
  onGo: (index: number) => void
  onCopyOn: () => void
  onFlag: (flag: 'occluded' | 'ended') => void
}

/** The objects of the sequence, each with the frames it is in, and what can be done with a whole one. */
export function TrackPanel(props: Props) {
  const { tracks, at, shapes, colours, chosen, onSelect, onGo } = props
  const t = useText(text)
  const track = chosen === undefined ? null : trackOf(chosen)
  const show = (one: Track) => {
    const here = shapes.findIndex((shape) => trackOf(shape) === one.track_id)
    if (here !== -1) onSelect(here)
    else onGo(nearest(one, at))
  }
  return (
    <section className="label-tracks" aria-label={t('tracks')}>
      <h2>{t('tracks.count', { count: tracks.items.length })}</h2>
      <TrackTools {...props} track={track} />
      {tracks.items.length === 0 ? <p className="sw-faint">{t('tracks.none')}</p> : null}
      <ul>
        {tracks.items.map((one) => (
          <li key={one.track_id} data-selected={one.track_id === track || undefined}>
            <button
              type="button"
              aria-pressed={one.track_id === track}
              title={t('track.frames', {
                first: one.first - tracks.first + 1,
                last: one.last - tracks.first + 1,
                count: one.frame_count,
              })}
              onClick={() => show(one)}
            >
              <i style={{ background: colours.get(one.label) }} />
              <span>
                {one.label} <small className="sw-faint sw-num">#{one.track_id}</small>
              </span>
              <Bar track={one} tracks={tracks} at={at} colour={colours.get(one.label)} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function TrackTools(props: Props & { track: number | null }) {
  const { tracks, at, chosen, readOnly, track } = props
  const t = useText(text)
  const confirm = useConfirm()
  const bindings = useBindings()
  const off = readOnly || track === null
  const hint = (name: CommandName) => shownKey(keysOf(name, bindings)[0])
  const change = (form: Parameters<Tracks['change']>[0]) => void tracks.change(form)
  const others = tracks.items.filter(({ track_id: id }) => id !== track)
  const erase = async () => {
    if (track === null) return
    const found = tracks.items.find(({ track_id: id }) => id === track)
    const sure = await confirm({
      title: t('track.delete.title', { number: track }),
      message: t('track.delete.message', { count: found?.frame_count ?? 1 }),
      action: t('track.delete'),
      danger: true,
    })
    if (sure) change({ action: 'delete', track_id: track })
  }
  return (
    <div className="label-track-tools" role="toolbar" aria-label={t('track.tools')}>
      <Tool
        name={t('track.copyOn')}
        hint={hint('copyOn')}
        off={readOnly}
        icon={<CopyOutlined aria-hidden />}
        run={props.onCopyOn}
      />
      <Tool
        name={t('track.interpolate')}
        hint={hint('interpolate')}
        off={off}
        icon={<NodeIndexOutlined aria-hidden />}
        run={() => void tracks.interpolate(chosen)}
      />
      <Tool
        name={t('track.occluded')}
        hint={hint('occluded')}
        off={off}
        on={Boolean(chosen?.attributes?.occluded)}
        icon={<EyeInvisibleOutlined aria-hidden />}
        run={() => props.onFlag('occluded')}
      />
      <Tool
        name={t('track.ended')}
        hint={hint('ended')}
        off={off}
        on={Boolean(chosen?.attributes?.ended)}
        icon={<StopOutlined aria-hidden />}
        run={() => props.onFlag('ended')}
      />
      <Tool
        name={t('track.relabel')}
        off={off}
        icon={<TagOutlined aria-hidden />}
        run={() => {
          if (track !== null && chosen !== undefined) {
            change({ action: 'relabel', track_id: track, label: chosen.label })
          }
        }}
      />
      <Tool
        name={t('track.split')}
        off={off}
        icon={<ScissorOutlined aria-hidden />}
        run={() => {
          if (track !== null) change({ action: 'split', track_id: track, at })
        }}
      />
      <Dropdown
        trigger={['click']}
        disabled={off || others.length === 0}
        menu={{
          items: others.map(({ track_id: id, label }) => ({ key: id, label: `${label} #${id}` })),
          onClick: ({ key }) => {
            if (track !== null) change({ action: 'merge', track_id: track, into: Number(key) })
          },
        }}
      >
        <Button
          size="small"
          type="text"
          icon={<MergeCellsOutlined aria-hidden />}
          aria-label={t('track.merge')}
          title={t('track.merge')}
          disabled={off || others.length === 0}
        />
      </Dropdown>
      <Tool
        name={t('track.delete')}
        off={off}
        icon={<DeleteOutlined aria-hidden />}
        run={() => void erase()}
      />
    </div>
  )
}

interface ToolProps {
  name: string
  icon: React.ReactNode
  run: () => void
  hint?: string
  off?: boolean
  on?: boolean
}

function Tool({ name, icon, run, hint = '', off = false, on }: ToolProps) {
  return (
    <Tooltip title={hint ? `${name} (${hint})` : name}>
      <Button
        size="small"
        type={on ? 'default' : 'text'}
        icon={icon}
        aria-label={name}
        aria-pressed={on}
        disabled={off}
        onClick={run}
      />
    </Tooltip>
  )
}

/** From where to where the object is seen, and the frames that a person set. */
function Bar({
  track,
  tracks,
  at,
  colour,
}: {
  track: Track
  tracks: Tracks
  at: number
  colour: string | undefined
}) {
  const whole = Math.max(tracks.last - tracks.first, 1)
  const share = (frame: number) => `${((frame - tracks.first) / whole) * 100}%`
  const width = `${((track.last - track.first) / whole) * 100}%`
  return (
    <svg className="label-track-bar" aria-hidden>
      <rect x={share(track.first)} y="6" width={width} height="3" fill={colour} opacity="0.5" />
      {track.keyframes.map((frame) => (
        <circle key={frame} cx={share(frame)} cy="7.5" r="2.5" fill={colour} />
      ))}
      <line x1={share(at)} x2={share(at)} y1="0" y2="15" stroke="currentColor" />
    </svg>
  )
}

function nearest(track: Track, at: number): number {
  if (at <= track.first) return track.first
  if (at >= track.last) return track.last
  return track.keyframes.reduce(
    (best, frame) => (Math.abs(frame - at) < Math.abs(best - at) ? frame : best),
    track.first,
  )
}
