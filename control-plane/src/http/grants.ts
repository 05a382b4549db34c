/** Who may do what: one table, without a request and without records. Pure. */
import type { Role, Scope, SiteId, TokenView, UserView } from '@slowlight/protocol';

/** What a route asks for: `open` to everybody, or at least this role. */
export type Access = 'open' | Role;

/** What somebody may. */
export interface Grants {
  /** Everywhere, and in what concerns the whole house. */
  house: Role | null;
  /** Where it is more than that. */
  sites: ReadonlyMap<SiteId, Role>;
  /** null: whatever the role may. */
  scopes: ReadonlySet<Scope> | null;
}

/** What a request is about. */
export type Place =
  /** The own session: everybody's who is logged in, whatever else they may. */
  | { kind: 'own' }
  /** Something that is for all who may look anywhere. */
  | { kind: 'anywhere' }
  | { kind: 'house' }
  /** `site` null: there is no such thing. */
  | { kind: 'site'; thing: string; site: SiteId | null };

export type Decision =
  | { kind: 'allowed' }
  | { kind: 'log-in' }
  | { kind: 'forbidden'; role: Role }
  | { kind: 'out-of-scope'; scope: Scope }
  /** It may not be known whether it is there. */
  | { kind: 'hidden'; thing: string };

const RANK: Record<Role, number> = { viewer: 1, operator: 2, admin: 3 };
const reaches = (role: Role | null | undefined, asked: Role): boolean => role != null && RANK[role] >= RANK[asked];

/** What a route is for where it does not say so itself. */
const SCOPE_OF: Record<Role, Scope> = { viewer: 'read', operator: 'operate', admin: 'manage' };
export const scopeOf = (access: Role, said: Scope | undefined): Scope => said ?? SCOPE_OF[access];

/**
 * In this order: whoever reaches the role nowhere is told so; what lies where somebody may not look is not there; only then
 * counts the role at its site.
 * @param asked access undefined: the route forgot to say, so nobody may
 */
export function decide(
  asked: { access: Access | undefined; scope?: Scope | undefined },
  grants: Grants | null,
  place: Place,
): Decision {
  if (asked.access === 'open') return { kind: 'allowed' };
  if (grants === null) return { kind: 'log-in' };
  if (asked.access === undefined) return { kind: 'forbidden', role: 'admin' };
  if (place.kind === 'own') return { kind: 'allowed' };
  const role = asked.access;
  const forbidden = { kind: 'forbidden', role } as const;
  if (!reaches(grants.house, role) && ![...grants.sites.values()].some((at) => reaches(at, role))) return forbidden;
  const scope = scopeOf(role, asked.scope);
  if (grants.scopes !== null && !grants.scopes.has(scope)) return { kind: 'out-of-scope', scope };
  if (place.kind === 'anywhere' || reaches(grants.house, role)) return { kind: 'allowed' };
  if (place.kind === 'house') return forbidden;
  const at = place.site === null ? null : (grants.sites.get(place.site) ?? grants.house);
  if (at === null) return { kind: 'hidden', thing: place.thing };
  return reaches(at, role) || reaches(grants.house, role) ? { kind: 'allowed' } : forbidden;
}

/** The sites whose things a list shows; undefined: all, also what belongs to no site. */
export function sitesSeen({ house, sites }: Grants): readonly SiteId[] | undefined {
  return house === null ? [...sites.keys()] : undefined;
}

export function grantsOfUser({ role, sites }: Pick<UserView, 'role' | 'sites'>): Grants {
  return {
    house: role === 'none' ? null : role,
    sites: new Map(sites.map((one) => [one.siteId, one.role])),
    scopes: null,
  };
}

export function grantsOfToken({ role, sites, scopes }: Pick<TokenView, 'role' | 'sites' | 'scopes'>): Grants {
  return {
    house: sites === null ? role : null,
    sites: new Map((sites ?? []).map((site) => [site, role])),
    scopes: new Set(scopes),
  };
}
