/** The question and the answers of WS-Discovery (April 2005 version, which ONVIF names) as bytes. Pure. */
export interface FoundCamera {
  /** Its unique name in the network, such as `urn:uuid:…`. */
  endpoint: string;
  /** IP address that the answer came from. */
  address: string;
  /** What it calls itself; null where it does not say. */
  name: string | null;
  hardware: string | null;
  /** Where it says that it is talked to (ONVIF device service). Not to be believed before its network is checked. */
  xaddrs: string[];
}

const MOST_BYTES = 64 * 1024;
const MOST_MATCHES = 32;
const MOST_XADDRS = 8;
const MOST_TEXT = 200;

export function probeMessage(id: string): Buffer {
  return Buffer.from(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"',
      ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:n="http://www.onvif.org/ver10/network/wsdl">',
      `<s:Header><a:MessageID>urn:uuid:${id}</a:MessageID>`,
      '<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>',
      '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>',
      '<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>',
    ].join(''),
  );
}

/** The cameras that an answer to our question names; none for everything else. */
export function readProbeMatches(bytes: Buffer, id: string, sender: string): FoundCamera[] {
  if (bytes.length > MOST_BYTES) return [];
  const text = bytes.toString('utf8');
  if (!(elements(text, 'RelatesTo')[0] ?? '').toLowerCase().includes(id)) return [];
  return elements(text, 'ProbeMatch')
    .slice(0, MOST_MATCHES)
    .flatMap((match) => {
      const endpoint = plain(elements(match, 'Address')[0] ?? '');
      if (endpoint === '') return [];
      const scopes = plain(elements(match, 'Scopes')[0] ?? '', 8192).split(/\s+/);
      const xaddrs = plain(elements(match, 'XAddrs')[0] ?? '', 4096)
        .split(/\s+/)
        .filter((one) => /^https?:$/.test(URL.parse(one)?.protocol ?? ''));
      return [
        {
          endpoint,
          address: sender,
          name: scopeOf(scopes, 'name'),
          hardware: scopeOf(scopes, 'hardware'),
          xaddrs: xaddrs.slice(0, MOST_XADDRS),
        },
      ];
    });
}

/** What stands in each element of this name, whatever its prefix. */
function elements(text: string, name: string): string[] {
  const opened = new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>`, 'g');
  const found: string[] = [];
  for (let open = opened.exec(text); open !== null; open = opened.exec(text)) {
    const closed = new RegExp(`</(?:[\\w.-]+:)?${name}\\s*>`, 'g');
    closed.lastIndex = opened.lastIndex;
    const close = closed.exec(text);
    if (close === null) break;
    found.push(text.slice(opened.lastIndex, close.index));
    opened.lastIndex = closed.lastIndex;
  }
  return found;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function plain(text: string, most = MOST_TEXT): string {
  return text
    .replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, most);
}

/** Scopes look like `onvif://www.onvif.org/name/North%20gate`. */
function scopeOf(scopes: readonly string[], kind: string): string | null {
  const found = scopes.map((one) => new RegExp(`^onvif://www\\.onvif\\.org/${kind}/(.+)$`, 'i').exec(one)?.[1]);
  const value = found.find((one) => one !== undefined);
  if (value === undefined) return null;
  try {
    return plain(decodeURIComponent(value));
  } catch {
    return plain(value);
  }
}
