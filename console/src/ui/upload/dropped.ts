export interface FileAt {
  file: File
  path: string
}

/** Files chosen in a dialog; a chosen folder tells each file's way through it. */
export function chosenFiles(list: FileList | null): FileAt[] {
  return [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
}

/** Files dropped on the page, folders walked through. Read the entries before the first await. */
export async function droppedFiles(data: DataTransfer): Promise<FileAt[]> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return chosenFiles(data.files)
  return (await Promise.all(entries.map((entry) => walk(entry)))).flat()
}

async function walk(entry: FileSystemEntry): Promise<FileAt[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ file, path: entry.fullPath.replace(/^\//, '') }]
  }
  if (!isFolder(entry)) return []
  const reader = entry.createReader()
  const found: FileAt[] = []
  // A reader hands out a hundred at a time, and an empty list at the end.
  for (let batch = await read(reader); batch.length > 0; batch = await read(reader)) {
    found.push(...(await Promise.all(batch.map((inner) => walk(inner)))).flat())
  }
  return found
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject))
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
