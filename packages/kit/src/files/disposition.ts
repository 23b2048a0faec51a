// What browsers show without running anything that the file brings along. SVG and HTML are not among them.
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp|avif)|video\/(?:mp4|webm)|audio\/[\w.+-]+|application\/pdf)$/

/** The Content-Disposition (RFC 6266) of a file: in place only where that is safe, under a name that can't break the header. */
export const contentDisposition = (
  contentType: string,
  {
    filename,
    inline = false,
  }: { readonly filename?: string | undefined; readonly inline?: boolean | undefined },
): string => {
  const kind = inline && SHOWN.test(contentType) ? 'inline' : 'attachment'
  if (filename === undefined) return kind
  // RFC 8187 leaves out these, which encodeURIComponent lets pass.
  const name = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${kind}; filename*=UTF-8''${name}`
}
