/** The settings of who comes in, what is remembered of them, and where this program may be sent. */
import { isNetworkText } from '@slowlight/protocol/kit';
import { flag, text, url, whole } from './config-values.ts';

const ROLES = ['none', 'viewer', 'operator', 'admin'] as const;
type RoleName = (typeof ROLES)[number];

const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

export const peopleVariables = {
  SLOWLIGHT_AUDIT_DAYS: whole(1, 36_500, 'days').default(400),
  SLOWLIGHT_OUTBOUND_NETWORKS: text
    .transform(listOf)
    .refine((all) => all.every(isNetworkText), 'must be networks with commas between, such as 192.168.1.0/24')
    .default([]),
  SLOWLIGHT_OIDC_ISSUER: url(['http', 'https'], 'https://login.example.org').nullable().default(null),
  SLOWLIGHT_OIDC_CLIENT_ID: text.nullable().default(null),
  SLOWLIGHT_OIDC_CLIENT_SECRET: text.nullable().default(null),
  SLOWLIGHT_OIDC_NAME: text.max(60).default('single sign-on'),
  SLOWLIGHT_OIDC_SCOPES: text.default('openid profile email'),
  SLOWLIGHT_OIDC_NAME_CLAIM: text.default('preferred_username'),
  SLOWLIGHT_OIDC_ROLE_CLAIM: text.nullable().default(null),
  SLOWLIGHT_OIDC_ROLES: text
    .transform((value) => listOf(value).map((one) => one.split('=').map((part) => part.trim())))
    .refine(
      (pairs) => pairs.every((pair) => pair.length === 2 && ROLES.some((role) => role === pair[1])),
      'must be values of the claim with roles, such as slowlight-admins=admin,staff=viewer',
    )
    .transform((pairs) => pairs.map(([value = '', role]) => ({ value, role: role as RoleName })))
    .default([]),
  SLOWLIGHT_OIDC_CREATE: flag.default(false),
};

export interface OpenIdConfig {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** As people know the provider. */
  name: string;
  scopes: string;
  nameClaim: string;
  /** Which values of which claim give which role; null: roles are given here. */
  roles: { claim: string; values: readonly { value: string; role: RoleName }[] } | null;
  /** Whether somebody unknown is let in. */
  create: boolean;
}
export interface PeopleConfig {
  /** How long it is kept who changed what, days. */
  auditDays: number;
  /** Networks that people may have this program write to although they are not public. */
  outboundNetworks: readonly string[];
  /** null: people log in with their passwords only. */
  openId: OpenIdConfig | null;
}

interface Read {
  SLOWLIGHT_PUBLIC_URL: string | null;
  SLOWLIGHT_AUDIT_DAYS: number;
  SLOWLIGHT_OUTBOUND_NETWORKS: string[];
  SLOWLIGHT_OIDC_ISSUER: string | null;
  SLOWLIGHT_OIDC_CLIENT_ID: string | null;
  SLOWLIGHT_OIDC_CLIENT_SECRET: string | null;
  SLOWLIGHT_OIDC_NAME: string;
  SLOWLIGHT_OIDC_SCOPES: string;
  SLOWLIGHT_OIDC_NAME_CLAIM: string;
  SLOWLIGHT_OIDC_ROLE_CLAIM: string | null;
  SLOWLIGHT_OIDC_ROLES: { value: string; role: RoleName }[];
  SLOWLIGHT_OIDC_CREATE: boolean;
}

/** Pure: names what is missing for what was chosen. */
export function arrangePeople(read: Read): { people: PeopleConfig; problems: string[] } {
  const problems: string[] = [];
  const { SLOWLIGHT_OIDC_ISSUER: issuer, SLOWLIGHT_OIDC_CLIENT_ID: clientId, SLOWLIGHT_OIDC_ROLE_CLAIM: claim } = read;
  if (issuer !== null && clientId === null)
    problems.push('SLOWLIGHT_OIDC_CLIENT_ID is needed, because SLOWLIGHT_OIDC_ISSUER is set');
  if (issuer !== null && read.SLOWLIGHT_PUBLIC_URL === null)
    problems.push('SLOWLIGHT_PUBLIC_URL is needed, because SLOWLIGHT_OIDC_ISSUER is set: browsers are sent back to it');
  if (issuer?.startsWith('http:') && !isLoopback(issuer))
    problems.push('SLOWLIGHT_OIDC_ISSUER must begin with https: unless it is on this machine');
  if ((claim === null) !== (read.SLOWLIGHT_OIDC_ROLES.length === 0))
    problems.push('SLOWLIGHT_OIDC_ROLE_CLAIM and SLOWLIGHT_OIDC_ROLES are of use only together');
  return {
    people: {
      auditDays: read.SLOWLIGHT_AUDIT_DAYS,
      outboundNetworks: read.SLOWLIGHT_OUTBOUND_NETWORKS,
      openId:
        issuer === null
          ? null
          : {
              issuer,
              clientId: clientId ?? '',
              clientSecret: read.SLOWLIGHT_OIDC_CLIENT_SECRET,
              name: read.SLOWLIGHT_OIDC_NAME,
              scopes: read.SLOWLIGHT_OIDC_SCOPES,
              nameClaim: read.SLOWLIGHT_OIDC_NAME_CLAIM,
              roles: claim === null ? null : { claim, values: read.SLOWLIGHT_OIDC_ROLES },
              create: read.SLOWLIGHT_OIDC_CREATE,
            },
    },
    problems,
  };
}

const isLoopback = (address: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(URL.parse(address)?.hostname ?? '');
