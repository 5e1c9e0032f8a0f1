import type Konva from 'konva'
import { useState } from 'react'
import { Handles } from './Handles'
import { MaskNode } from './MaskNode'
import { ShapeNode } from './ShapeNode'
import { moved, type Shape, type Size } from './shapes'

interface ChosenProps {
  shape: Shape
  colour: string
  scale: number
  size: Size
  filled: boolean
  /** Corners of the rectangle around an outline, instead of its points. */
  scaling: boolean
  readOnly: boolean
  onChange: (shape: Shape) => void
}

/** The selected shape: moved by dragging, changed by its handles. */
export function Chosen({
  shape,
  colour,
  scale,
  size,
  filled,
  scaling,
  readOnly,
  onChange,
}: ChosenProps) {
  const [live, setLive] = useState<Shape | null>(null)
  const shown = live ?? shape
  const drag = (node: Konva.Node) => moved(shape, node.x(), node.y(), size)
  const settle = (next: Shape) => {
    setLive(null)
    onChange(next)
  }
  const move = (node: Konva.Node) => {
    const next = drag(node)
    node.position({ x: next.x - shape.x, y: next.y - shape.y })
  }
  if (shape.mask !== undefined) {
    const place = (node: Konva.Node) => moved(shape, node.x() - shape.x, node.y() - shape.y, size)
    return (
      <MaskNode
        index={0}
        shape={shape}
        size={size}
        colour={colour}
        filled={filled}
        listening={!readOnly}
        selected
        onSelect={() => undefined}
        {...(readOnly
          ? {}
          : { drag: { onMove: () => undefined, onEnd: (node) => settle(place(node)) } })}
      />
    )
  }
  return (
    <>
      <ShapeNode
        index={0}
        shape={shown}
        colour={colour}
        filled={filled}
        listening={!readOnly}
        selected
        onSelect={() => undefined}
        drag={
          readOnly
            ? undefined
            : {
                onMove: move,
                onEnd: (node) => {
                  const next = drag(node)
                  node.position({ x: 0, y: 0 })
                  if (next.x !== shape.x || next.y !== shape.y) settle(next)
                },
                onStart: () => setLive(null),
              }
        }
      />
      {readOnly ? null : (
        <Handles
          shape={shown}
          scale={scale}
          size={size}
          scaling={scaling}
          onMove={setLive}
          onDone={settle}
        />
      )}
    </>
  )
}
