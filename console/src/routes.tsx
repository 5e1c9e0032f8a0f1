import type { ComponentType } from 'react'
import { createBrowserRouter, type RouteObject } from 'react-router'
import { projectBase } from '@/api/project'
import { RouteError } from '@/shell/RouteError'
import { Shell } from '@/shell/Shell'

type PageName<Module> = {
  [Name in keyof Module]: Module[Name] extends ComponentType ? Name : never
}[keyof Module]

/** A page in a chunk of its own, fetched when it is first visited. */
function page<Module>(load: () => Promise<Module>, name: PageName<Module>): RouteObject['lazy'] {
  return async () => ({ Component: (await load())[name] as ComponentType })
}

/** The map of the console. Addresses stand below `/p/<project>`; links are written without it. */
export const routes: RouteObject[] = [
  {
    path: '/',
    element: <Shell />,
    errorElement: <RouteError />,
    hydrateFallbackElement: <></>,
    children: [
      { index: true, lazy: page(() => import('@/features/overview/OverviewPage'), 'OverviewPage') },
      { path: 'users', lazy: page(() => import('@/features/accounts/UsersPage'), 'UsersPage') },
      {
        path: 'projects',
        lazy: page(() => import('@/features/accounts/ProjectsPage'), 'ProjectsPage'),
      },
      {
        path: 'projects/:id',
        lazy: page(() => import('@/features/accounts/ProjectPage'), 'ProjectPage'),
      },
      { path: 'keys', lazy: page(() => import('@/features/keys/KeysPage'), 'KeysPage') },
      {
        path: 'storage',
        lazy: page(() => import('@/features/storage/BucketsPage'), 'BucketsPage'),
      },
      {
        path: 'storage/:bucket/*',
        lazy: page(() => import('@/features/storage/BrowserPage'), 'BrowserPage'),
      },
      {
        path: 'datasets',
        lazy: page(() => import('@/features/datasets/DatasetsPage'), 'DatasetsPage'),
      },
      {
        path: 'datasets/new',
        lazy: page(() => import('@/features/datasets/create/CreatePage'), 'CreatePage'),
      },
      {
        path: 'datasets/:id/schema',
        lazy: page(() => import('@/features/labelling/schema/SchemaPage'), 'SchemaPage'),
      },
      {
        path: 'datasets/:id/:tab?',
        lazy: page(() => import('@/features/datasets/DatasetPage'), 'DatasetPage'),
      },
      {
        path: 'labelling',
        lazy: page(() => import('@/features/labelling/TasksPage'), 'TasksPage'),
      },
      {
        path: 'labelling/new',
        lazy: page(() => import('@/features/labelling/NewTaskPage'), 'NewTaskPage'),
      },
      {
        path: 'labelling/:id/work',
        lazy: page(() => import('@/features/labelling/work/WorkPage'), 'WorkPage'),
      },
      {
        path: 'labelling/:id/:tab?',
        lazy: page(() => import('@/features/labelling/TaskPage'), 'TaskPage'),
      },
      { path: 'models', lazy: page(() => import('@/features/models/ModelsPage'), 'ModelsPage') },
      {
        path: 'models/new',
        lazy: page(() => import('@/features/models/import/ImportPage'), 'ImportPage'),
      },
      { path: 'models/:id', lazy: page(() => import('@/features/models/ModelPage'), 'ModelPage') },
      {
        path: 'models/versions/:id/:tab?',
        lazy: page(() => import('@/features/models/VersionPage'), 'VersionPage'),
      },
      {
        path: 'training',
        lazy: page(() => import('@/features/training/TasksPage'), 'TasksPage'),
      },
      {
        path: 'training/new',
        lazy: page(() => import('@/features/training/form/NewTaskPage'), 'NewTaskPage'),
      },
      {
        path: 'training/compare',
        lazy: page(() => import('@/features/training/compare/ComparePage'), 'ComparePage'),
      },
      {
        path: 'searches',
        lazy: page(() => import('@/features/tuning/SearchesPage'), 'SearchesPage'),
      },
      {
        path: 'searches/new',
        lazy: page(() => import('@/features/tuning/form/NewSearchPage'), 'NewSearchPage'),
      },
      {
        path: 'searches/:id/:tab?',
        lazy: page(() => import('@/features/tuning/SearchPage'), 'SearchPage'),
      },
      {
        path: 'runs',
        lazy: page(() => import('@/features/training/runs/RunsPage'), 'RunsPage'),
      },
      {
        path: 'runs/:id/:tab?',
        lazy: page(() => import('@/features/training/runs/RunPage'), 'RunPage'),
      },
      {
        path: 'training/:id/:tab?',
        lazy: page(() => import('@/features/training/TaskPage'), 'TaskPage'),
      },
      {
        path: 'environments',
        lazy: page(() => import('@/features/environments/EnvironmentsPage'), 'EnvironmentsPage'),
      },
      {
        path: 'environments/new',
        lazy: page(
          () => import('@/features/environments/form/NewEnvironmentPage'),
          'NewEnvironmentPage',
        ),
      },
      {
        path: 'environments/:id/:tab?',
        lazy: page(() => import('@/features/environments/EnvironmentPage'), 'EnvironmentPage'),
      },
      {
        path: 'repositories',
        lazy: page(() => import('@/features/repositories/RepositoriesPage'), 'RepositoriesPage'),
      },
      {
        path: 'resources',
        lazy: page(() => import('@/features/resources/GroupsPage'), 'GroupsPage'),
      },
      {
        path: 'resources/new',
        lazy: page(() => import('@/features/resources/GroupFormPage'), 'NewGroupPage'),
      },
      {
        path: 'resources/network',
        lazy: page(() => import('@/features/resources/network/NetworkPage'), 'NetworkPage'),
      },
      {
        path: 'resources/cards',
        lazy: page(() => import('@/features/resources/cards/CardTypesPage'), 'CardTypesPage'),
      },
      {
        path: 'resources/usage',
        lazy: page(() => import('@/features/resources/usage/CardUsagePage'), 'CardUsagePage'),
      },
      {
        path: 'resources/nodes/:id/:tab?',
        lazy: page(() => import('@/features/resources/NodePage'), 'NodePage'),
      },
      {
        path: 'resources/:id/edit',
        lazy: page(() => import('@/features/resources/GroupFormPage'), 'EditGroupPage'),
      },
      {
        path: 'resources/:id/:tab?',
        lazy: page(() => import('@/features/resources/GroupPage'), 'GroupPage'),
      },
      {
        path: 'services',
        lazy: page(() => import('@/features/services/ServicesPage'), 'ServicesPage'),
      },
      {
        path: 'services/new',
        lazy: page(() => import('@/features/services/form/NewServicePage'), 'NewServicePage'),
      },
      {
        path: 'services/:id/add-version',
        lazy: page(() => import('@/features/services/form/VersionPages'), 'AddVersionPage'),
      },
      {
        path: 'services/:id/update-version',
        lazy: page(() => import('@/features/services/form/VersionPages'), 'UpdateVersionPage'),
      },
      {
        path: 'services/:id/versions/:version/:tab?',
        lazy: page(() => import('@/features/services/VersionPage'), 'VersionPage'),
      },
      {
        path: 'services/:id/:tab?',
        lazy: page(() => import('@/features/services/ServicePage'), 'ServicePage'),
      },
      {
        path: 'service-groups',
        lazy: page(() => import('@/features/groups/GroupsPage'), 'GroupsPage'),
      },
      {
        path: 'service-groups/:id/:tab?',
        lazy: page(() => import('@/features/groups/GroupPage'), 'GroupPage'),
      },
      {
        path: 'preset-services',
        lazy: page(() => import('@/features/presets/PresetsPage'), 'PresetsPage'),
      },
      {
        path: 'preset-services/:id/:tab?',
        lazy: page(() => import('@/features/presets/PresetPage'), 'PresetPage'),
      },
      {
        path: 'calls',
        lazy: page(() => import('@/features/calls/CallsPage'), 'CallsPage'),
      },
      {
        path: 'playground',
        lazy: page(() => import('@/features/playground/PlaygroundPage'), 'PlaygroundPage'),
      },
      {
        path: 'evaluations',
        lazy: page(() => import('@/features/evaluation/EvaluationsPage'), 'EvaluationsPage'),
      },
      {
        path: 'evaluations/new',
        lazy: page(
          () => import('@/features/evaluation/form/NewEvaluationPage'),
          'NewEvaluationPage',
        ),
      },
      {
        path: 'evaluations/compare',
        lazy: page(() => import('@/features/evaluation/ComparePage'), 'ComparePage'),
      },
      {
        path: 'evaluations/:id/:tab?',
        lazy: page(() => import('@/features/evaluation/EvaluationPage'), 'EvaluationPage'),
      },
      {
        path: 'alerts/rules/new',
        lazy: page(() => import('@/features/alerts/RulePage'), 'RulePage'),
      },
      {
        path: 'alerts/rules/:id',
        lazy: page(() => import('@/features/alerts/RulePage'), 'RulePage'),
      },
      {
        path: 'alerts/:tab?',
        lazy: page(() => import('@/features/alerts/AlertsPage'), 'AlertsPage'),
      },
      {
        path: 'api-reference',
        lazy: page(() => import('@/features/reference/ReferencePage'), 'ReferencePage'),
      },
      { path: 'inbox', lazy: page(() => import('@/features/inbox/InboxPage'), 'InboxPage') },
      { path: 'events', lazy: page(() => import('@/features/events/EventsPage'), 'EventsPage') },
      {
        path: 'mail-server',
        lazy: page(() => import('@/features/mail/MailServerPage'), 'MailServerPage'),
      },
      { path: '*', lazy: page(() => import('@/features/missing/MissingPage'), 'MissingPage') },
    ],
  },
]

let router: ReturnType<typeof createBrowserRouter> | null = null

/** The router of one project. The one before stops listening to the address. */
export function createRouter(project: string) {
  router?.dispose()
  router = createBrowserRouter(routes, { basename: projectBase(project) })
  return router
}
