import type { ImageSample } from '../queries'

interface Props {
  image: ImageSample
  colours: ReadonlyMap<string, string>
  /** Only this label stands out. */
  label?: string | undefined
  /** Index of the box under the pointer in the list beside. */
  active?: number | null
  /** Writes the label at each box. */
  named?: boolean
}

/** Boxes and outlines over an image, in its own pixels, however large it is shown. */
export function Boxes({ image, colours, label, active = null, named = false }: Props) {
  const letters = Math.max(image.width, image.height) / 58
  return (
    <svg
      className="datasets-boxes"
      viewBox={`0 0 ${image.width} ${image.height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden
    >
      {image.boxes.map((box, index) => {
        const colour = colours.get(box.label) ?? '#888'
        const dim = (label !== undefined && box.label !== label) || (active ?? index) !== index
        return (
          <g key={index} opacity={dim ? 0.22 : 1} stroke={colour} fill={colour}>
            {box.polygons.map((points, at) => (
              <polygon key={at} points={points.join(' ')} fillOpacity={0.24} />
            ))}
            <rect
              x={box.x}
              y={box.y}
              width={box.width}
              height={box.height}
              fillOpacity={active === index ? 0.25 : box.polygons.length > 0 ? 0 : 0.06}
              strokeOpacity={box.polygons.length > 0 ? 0.5 : 1}
            />
            {named && !dim ? (
              <text
                x={box.x + letters * 0.25}
                // What an OCR box reads stands below it, so that the image can be read, too.
                y={
                  box.y +
                  letters * 1.05 +
                  (typeof box.attributes.text === 'string' ? box.height : 0)
                }
                fontSize={letters}
                className="datasets-box-name"
              >
                {box.attributes.text ?? box.label}
              </text>
            ) : null}
          </g>
        )
      })}
    </svg>
  )
}
