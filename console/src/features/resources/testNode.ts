import type { Card, Node } from './queries'

const GIB = 2 ** 30

export function testNode(part: Partial<Node> = {}): Node {
  return {
    id: 'node-1',
    name: 'one',
    group_id: 'rsg',
    group_name: 'g',
    engine: 'process',
    host: '127.0.0.1',
    machine_id: '',
    zone: '',
    rack: '',
    state: 'running',
    reason: '',
    error_code: '',
    takes_work: true,
    cordoned: false,
    cordon_reason: '',
    drain_until: null,
    cpu_cores: 8,
    cpu_cores_held: 0,
    memory_bytes: 16 * GIB,
    memory_bytes_held: 0,
    cards: [],
    instances: 0,
    sharing_notice: '',
    created_by: 'admin',
    created_at: '2026-01-01T00:00:00Z',
    joined_at: null,
    planned_end: null,
    ended_at: null,
    blocked: {},
    ...part,
  }
}

export function testCard(index: number, used = 0, part: Partial<Card> = {}): Card {
  return {
    index,
    model: 'A100',
    memory_bytes: 80 * GIB,
    uuid: '',
    shares: true,
    sharing_off: '',
    island: null,
    used,
    free: 1 - used,
    state: used === 0 ? 'free' : used < 1 ? 'shared' : 'full',
    faulty: '',
    ...part,
  }
}
