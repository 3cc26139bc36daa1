/** A multipart/related body of these parts, as STOW-RS clients write it. */
export function stowBody(files: Iterable<Uint8Array>, contentType = 'application/dicom', boundary = 'overread-test') {
  const parts = [...files].flatMap((file) => [
    Buffer.from(`--${boundary}\r\nContent-Type: ${contentType}\r\n\r\n`),
    file,
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    headers: {
      'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      accept: 'application/dicom+json',
    },
  };
}
