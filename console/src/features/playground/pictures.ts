import { readPicture } from './request'
import type { Picture } from './types'

export const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/webp']
export const MOST_PICTURE_BYTES = 10 * 1024 * 1024

export type Refusal = 'picture.type' | 'picture.size'

/** The pictures among files, read; and why others are none. */
export async function readPictures(
  files: readonly File[],
): Promise<{ pictures: Picture[]; refused: Refusal | null }> {
  const fits = files.filter(
    ({ type, size }) => PICTURE_TYPES.includes(type) && size <= MOST_PICTURE_BYTES,
  )
  const refused = files.find((file) => !fits.includes(file))
  const pictures = await Promise.all(
    fits.map(async (file): Promise<Picture> => {
      const data = await readPicture(file)
      return { url: data, data }
    }),
  )
  if (refused === undefined) return { pictures, refused: null }
  const wrongType = !PICTURE_TYPES.includes(refused.type)
  return { pictures, refused: wrongType ? 'picture.type' : 'picture.size' }
}
