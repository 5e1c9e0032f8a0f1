import { StrictMode, useMemo } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import { createQueryClient } from '@/api/queries'
import { loadSentences } from '@/base/sentences'
import { SignInPage } from '@/features/signin/SignInPage'
import { createRouter } from '@/routes'
import { Boot } from '@/shell/Boot'
import { Providers } from '@/shell/Providers'
import '@/ui/styles/index.css'

function Pages({ project }: { project: string }) {
  const router = useMemo(() => createRouter(project), [project])
  return <RouterProvider router={router} />
}

void loadSentences()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Providers client={createQueryClient()}>
      <Boot
        signIn={<SignInPage />}
        pages={(project) => <Pages key={project} project={project} />}
      />
    </Providers>
  </StrictMode>,
)
