import { MenuFoldOutlined, MenuUnfoldOutlined } from '@ant-design/icons'
import { Button, Tooltip } from 'antd'
import { NavLink } from 'react-router'
import { useMay } from '@/api/session'
import { usePreference } from '@/base/preferences'
import { useText } from '@/base/text'
import { Logo } from './Logo'
import { ROOMS, type Place, type Room } from './map'
import { ProjectSwitch } from './ProjectSwitch'
import { text } from './text'

export function Navigation() {
  const t = useText(text)
  const may = useMay()
  const [folded, setFolded] = usePreference('navCollapsed')
  const allowed = (place: Place) => place.needs === undefined || may(place.needs)
  return (
    <nav className="sw-nav" data-folded={folded} aria-label={t('navigation')}>
      <NavLink to="/" className="sw-brand" aria-label="Slipway">
        <Logo />
        {folded ? null : <span>Slipway</span>}
      </NavLink>
      <ProjectSwitch folded={folded} />
      <div className="sw-nav-rooms">
        {ROOMS.map((room) => (
          <NavRoom
            key={room.key}
            room={room}
            places={room.places.filter(allowed)}
            folded={folded}
          />
        ))}
      </div>
      <Button
        type="text"
        className="sw-nav-fold"
        icon={folded ? <MenuUnfoldOutlined aria-hidden /> : <MenuFoldOutlined aria-hidden />}
        aria-label={folded ? t('expand') : t('collapse')}
        aria-expanded={!folded}
        onClick={() => setFolded(!folded)}
      />
    </nav>
  )
}

function NavRoom({
  room,
  places,
  folded,
}: {
  room: Room
  places: readonly Place[]
  folded: boolean
}) {
  const t = useText(text)
  return (
    <div className="sw-nav-room">
      {room.words && !folded ? <div className="sw-nav-label">{t(room.words)}</div> : null}
      {places.map((place) => (
        <Tooltip key={place.path} title={folded ? t(place.words) : null} placement="right">
          <NavLink to={place.path} end={place.path === '/'} className="sw-nav-link">
            <span aria-hidden>{place.icon}</span>
            <span className={folded ? 'sw-hidden' : undefined}>{t(place.words)}</span>
          </NavLink>
        </Tooltip>
      ))}
    </div>
  )
}
