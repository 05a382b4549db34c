import type { SiteView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sayWeather } from '../moments/say-weather.ts';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { SiteDialog } from './site-dialog.tsx';
import { SystemFrame } from './system-frame.tsx';

export function SitesPage() {
  return (
    <SystemFrame at="/system/sites">
      <Sites />
    </SystemFrame>
  );
}

function Sites() {
  const sites = useQuery(queries.sites);
  const [open, setOpen] = useState<SiteView | 'new' | null>(null);
  const mayChange = useMay('administer');
  return (
    <section>
      <div className="section-head">
        <h2>{words.system.sites}</h2>
        {mayChange && (
          <div className="actions">
            <Button icon="plus" onClick={() => setOpen('new')}>
              {words.system.addSite}
            </Button>
          </div>
        )}
      </div>
      <Loaded query={sites}>
        {(list) => (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{words.common.none}</li>}
            {list.map((site) => (
              <li key={site.id} className="row row-short">
                <span>{site.name}</span>
                <span className="muted small">{site.timeZone}</span>
                {site.latitude !== null && site.longitude !== null && (
                  <span className="muted small">
                    {site.latitude.toFixed(3)}°, {site.longitude.toFixed(3)}°
                  </span>
                )}
                {site.weather !== null && (
                  <span className="muted small" title={words.weather.source}>
                    {sayWeather(site.weather.facts)}
                  </span>
                )}
                {mayChange && (
                  <Button
                    kind="quiet"
                    icon="pencil"
                    className="at-end"
                    aria-label={`${words.system.editSite}: ${site.name}`}
                    onClick={() => setOpen(site)}
                  />
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <SiteDialog open={open !== null} site={open === 'new' ? null : open} onClose={() => setOpen(null)} />
    </section>
  );
}
