/**
 * The `filename` part of a Content-Disposition header for a name that people gave (RFC 6266): a plain one for every
 * client and the true one for those that read UTF-8. Pure.
 */
export function fileName(name: string, extension: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\w .()-]/g, '')
    .trim();
  const exact = encodeURIComponent(`${name}.${extension}`).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
  return `filename="${plain === '' ? 'slowlight' : plain}.${extension}"; filename*=UTF-8''${exact}`;
}
