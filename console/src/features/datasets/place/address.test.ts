import { expect, test } from 'vitest'
import { ARCHIVE, folderOf, placePath, uploadedAddress } from './address'

test('an address is shown in storage by the folder that holds it', () => {
  expect(folderOf('b/raw/cells.zip')).toEqual({ bucket: 'b', folder: 'raw/' })
  expect(folderOf('b/raw/cells/')).toEqual({ bucket: 'b', folder: 'raw/cells/' })
  expect(folderOf('')).toEqual({ bucket: '', folder: '' })
  expect(placePath('b/raw/a b/c.zip')).toBe('/storage/b/raw/a%20b')
  expect(placePath('b')).toBe('/storage/b')
})

test('one uploaded archive is the source itself, so that it is unpacked', () => {
  expect(uploadedAddress('b/up/', ['cells.zip'], ARCHIVE)).toBe('b/up/cells.zip')
  expect(uploadedAddress('b/up/', ['cells.zip', 'more.zip'], ARCHIVE)).toBe('b/up/')
  expect(uploadedAddress('b/up/', ['train.jsonl'], ARCHIVE)).toBe('b/up/')
})

test('a folder that was dropped as a whole is entered', () => {
  const paths = ['voc/Annotations/1.xml', 'voc/JPEGImages/1.jpg']
  expect(uploadedAddress('b/up/', paths, ARCHIVE)).toBe('b/up/voc/')
})

test('folders of classes are kept, one or several', () => {
  expect(uploadedAddress('b/up/', ['cat/1.jpg', 'dog/2.jpg'], ARCHIVE)).toBe('b/up/')
  expect(uploadedAddress('b/up/', ['cat/1.jpg', 'cat/2.jpg'], ARCHIVE)).toBe('b/up/')
})

test('before anything has arrived there is no address', () => {
  expect(uploadedAddress('b/up/', [], ARCHIVE)).toBe('')
})
