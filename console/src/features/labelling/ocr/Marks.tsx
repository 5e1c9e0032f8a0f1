import { memo } from 'react'
import { Arrow, Circle, Group, Label, Tag, Text } from 'react-konva'
import { idOf, outlineOf, type OcrBox } from './boxes'
import { WRONG } from './colours'
import type { Settings } from './settings'
import type { Said } from './useMeaning'

interface Props {
  boxes: readonly OcrBox[]
  said: Said
  settings: Settings
  scale: number
  colours: ReadonlyMap<number, string>
}

/** What is written at the boxes, as the tools ask for it, and the lines from keys to values. */
export const Marks = memo(function Marks({ boxes, said, settings, scale, colours }: Props) {
  const byId = new Map(boxes.map((box) => [idOf(box), box]))
  return (
    <>
      {said.meaning.pairs.map(({ key, value }) => (
        <PairLine
          key={`${key.join()} ${value.join()}`}
          from={byId.get(key[0] ?? 0)}
          to={byId.get(value[0] ?? 0)}
          scale={scale}
        />
      ))}
      {boxes.map((box) => (
        <Group key={idOf(box)}>
          <Written
            box={box}
            settings={settings}
            scale={scale}
            colour={colours.get(idOf(box)) ?? WRONG}
          />
          {settings.points ? (
            <Corners box={box} scale={scale} colour={colours.get(idOf(box)) ?? WRONG} />
          ) : null}
        </Group>
      ))}
    </>
  )
})

interface WrittenProps {
  box: OcrBox
  settings: Settings
  scale: number
  colour: string
}

const Written = memo(function Written({ box, settings, scale, colour }: WrittenProps) {
  const { id, text, descriptor } = box.attributes
  const words = [
    settings.ids ? String(id) : '',
    settings.attribute ? descriptor : '',
    settings.text ? text : '',
  ]
    .filter(Boolean)
    .join('  ')
  if (words === '') return null
  return (
    <Label x={box.x} y={box.y + box.height + 1 / scale} listening={false}>
      <Tag
        fill="#101620"
        opacity={0.82}
        stroke={colour}
        strokeWidth={0.5 / scale}
        cornerRadius={2 / scale}
      />
      <Text
        text={words}
        fontFamily={settings.font}
        fontSize={settings.size / scale}
        padding={2 / scale}
        fill="#ffffff"
        perfectDrawEnabled={false}
      />
    </Label>
  )
})

/** The order of the corners: the first is where the text begins. */
function Corners({ box, scale, colour }: { box: OcrBox; scale: number; colour: string }) {
  const points = outlineOf(box)
  return Array.from({ length: points.length / 2 }, (_, at) => (
    <Group key={at} x={points[2 * at]} y={points[2 * at + 1]} listening={false}>
      <Circle radius={7 / scale} fill={colour} />
      <Text
        text={String(at + 1)}
        width={14 / scale}
        height={14 / scale}
        offsetX={7 / scale}
        offsetY={6.5 / scale}
        align="center"
        verticalAlign="middle"
        fontSize={10 / scale}
        fontStyle="bold"
        fill="#101620"
      />
    </Group>
  ))
}

function PairLine({ from, to, scale }: { from?: OcrBox; to?: OcrBox; scale: number }) {
  if (from === undefined || to === undefined) return null
  const points = [...edgeTowards(from, to), ...edgeTowards(to, from)]
  return (
    <Arrow
      points={points}
      stroke="#8250df"
      fill="#8250df"
      strokeWidth={1.75 / scale}
      pointerLength={8 / scale}
      pointerWidth={7 / scale}
      opacity={0.85}
      listening={false}
    />
  )
}

/** Where the line from the middle of a box to that of another leaves it: texts stay readable. */
function edgeTowards(box: OcrBox, other: OcrBox): [number, number] {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const [dx, dy] = [other.x + other.width / 2 - x, other.y + other.height / 2 - y]
  const across = dx === 0 ? Infinity : box.width / 2 / Math.abs(dx)
  const down = dy === 0 ? Infinity : box.height / 2 / Math.abs(dy)
  const share = Math.min(across, down, 1)
  return [x + dx * share, y + dy * share]
}
