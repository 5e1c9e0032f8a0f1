import { Circle, Line, Rect } from 'react-konva'
import type { Tool } from './Canvas'
import type { Size } from './shapes'

const DRAFT = '#ffffff'

/** What is being drawn. */
export function Draft({
  points,
  pointer,
  tool,
  scale,
}: {
  points: readonly number[]
  pointer: [number, number]
  tool: Tool
  scale: number
}) {
  const [x = 0, y = 0] = points
  const pen = {
    stroke: DRAFT,
    strokeWidth: 1.5 / scale,
    dash: [6 / scale, 4 / scale],
    listening: false,
  }
  if (tool === 'rectangle') {
    return <Rect x={x} y={y} width={pointer[0] - x} height={pointer[1] - y} {...pen} />
  }
  return (
    <>
      <Line points={[...points, ...pointer]} {...pen} />
      {points.map((px, at) =>
        at % 2 === 0 ? (
          <Circle
            key={at}
            x={px}
            y={points[at + 1]}
            radius={3.5 / scale}
            fill={DRAFT}
            listening={false}
          />
        ) : null,
      )}
    </>
  )
}

/** Lines through the pointer, to draw along. */
export function Cross({
  at: [x, y],
  size,
  scale,
}: {
  at: [number, number]
  size: Size
  scale: number
}) {
  const pen = { stroke: 'rgba(255,255,255,0.55)', strokeWidth: 1 / scale, listening: false }
  return (
    <>
      <Line points={[0, y, size.width, y]} {...pen} />
      <Line points={[x, 0, x, size.height]} {...pen} />
    </>
  )
}
