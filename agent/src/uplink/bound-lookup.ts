/** Holds uploads to where they may go: what a name leads to is looked at before, and is what is connected to. */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** What a grant may ask to be sent along: what binds type, length and checksum, at any store that knows signed uploads. */
export const HEADERS_OF_A_STORE =
  /^(content-(type|length|md5|encoding|language|disposition)|cache-control|if-none-match|expect|x-(amz|goog|ms|oss|cos)-[a-z0-9-]{1,80})$/i;

export const outOfBounds = (ip: string): string =>
  `this agent may not upload to ${ip}; where the store really is there, add its network to SLOWLIGHT_AGENT_UPLOAD_NETWORKS on the agent`;

/** A look-up for `http.request` that gives only addresses which may be reached, and fails where there is none. */
export function boundLookup(mayReach: (ip: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (fault, found) => {
      const good = fault === null ? found.filter(({ address }) => mayReach(address)) : [];
      const [first] = good;
      if (fault !== null) done(fault, []);
      else if (first === undefined) done(new Error(outOfBounds(found[0]?.address ?? 'nowhere')), []);
      else if (options.all === true) done(null, good);
      else done(null, first.address, first.family);
    });
  };
}
