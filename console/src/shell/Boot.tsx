import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useMemo, type ReactNode } from 'react'
import { settleProject, useCurrentProject } from '@/api/project'
import { meQuery, useSignOut, type Me } from '@/api/session'
import { useText } from '@/base/text'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Logo } from './Logo'
import { text } from './text'
import { LanguageSwitch, ThemeSwitch } from './Topbar'

interface Props {
  signIn: ReactNode
  /** The pages, below the address of one project. */
  pages: (project: string) => ReactNode
}

/** Who is it, and in which project? Signing in or out anywhere comes back here. */
export function Boot({ signIn, pages }: Props) {
  const { data: me, error, refetch } = useQuery(meQuery)
  if (error !== null && me === undefined) {
    return (
      <Door>
        <ErrorState error={error} onRetry={() => void refetch()} />
      </Door>
    )
  }
  if (me === undefined) return null // for the time of one small request
  return me === null ? <Door>{signIn}</Door> : <InProject me={me} pages={pages} />
}

function InProject({ me, pages }: { me: Me; pages: Props['pages'] }) {
  const t = useText(text)
  const signOut = useSignOut()
  const address = useCurrentProject()
  const project = useMemo(
    () =>
      settleProject(
        me.projects.map(({ id }) => id),
        me.user.is_admin,
      ),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the address is what it settles
    [me, address],
  )
  if (project !== null) return pages(project)
  return (
    <Door>
      <EmptyState
        title={t('project.none')}
        hint={t('project.noneHint')}
        action={<Button onClick={() => void signOut()}>{t('signOut')}</Button>}
      />
    </Door>
  )
}

/** The screen of those who are not inside yet. */
function Door({ children }: { children: ReactNode }) {
  return (
    <div className="sw-door">
      <header className="sw-door-head">
        <Logo size={28} />
        <strong>Slipway</strong>
        <span className="sw-door-switches">
          <LanguageSwitch />
          <ThemeSwitch />
        </span>
      </header>
      <main className="sw-door-main">{children}</main>
    </div>
  )
}
