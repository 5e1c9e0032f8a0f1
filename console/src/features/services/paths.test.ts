import { expect, test } from 'vitest'
import { replicaPath, versionPath } from './paths'

test('a version and a replica are found by their ids', () => {
  expect(versionPath('ms-a1b2c3d4-12')).toBe('/services/ms-a1b2c3d4/versions/ms-a1b2c3d4-12')
  expect(replicaPath('ms-a1b2c3d4-2-x9k2p')).toBe(
    '/services/ms-a1b2c3d4/versions/ms-a1b2c3d4-2/instances',
  )
})
