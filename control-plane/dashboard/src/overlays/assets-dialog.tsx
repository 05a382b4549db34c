/** Pictures for overlays: pick one, bring a new one, take one away that nothing shows. */
import type { AssetId, AssetView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { sayBytes } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem } from '../parts/field.tsx';
import { Blank, Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { placeActions } from '../server/place-actions.ts';
import { assetPictureOf, placeKeys, placeQueries } from '../server/place-queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  onPick?: (id: AssetId) => void;
}
const text = words.overlays.assets;
const TYPES = 'image/png,image/jpeg,image/webp,image/svg+xml';

export function AssetsDialog({ open, onClose, onPick }: Props) {
  return (
    <Dialog title={text.title} explanation={text.explain} width="wide" open={open} onOpenChange={onClose}>
      <Assets {...(onPick === undefined ? {} : { onPick })} />
    </Dialog>
  );
}

function Assets({ onPick }: Pick<Props, 'onPick'>) {
  const assets = useQuery(placeQueries.assets);
  const may = useMay('operate');
  const file = useRef<HTMLInputElement>(null);
  const upload = useAction({
    run: placeActions.uploadAsset,
    stale: [placeKeys.assets],
    done: text.uploaded,
    faults: 'in-form',
    onDone: ({ id }) => onPick?.(id),
  });
  const add = may && (
    <>
      <input
        ref={file}
        type="file"
        className="unseen"
        tabIndex={-1}
        aria-label={text.upload}
        accept={TYPES}
        onChange={(event) => {
          const [picked] = event.target.files ?? [];
          if (picked !== undefined) upload.run(picked);
          event.target.value = '';
        }}
      />
      <Button icon="plus" busy={upload.busy} onClick={() => file.current?.click()}>
        {text.upload}
      </Button>
    </>
  );
  return (
    <div className="stack">
      <FormProblem fault={upload.fault} />
      <Loaded query={assets}>
        {(list) =>
          list.length === 0 ? (
            <Blank icon="camera" title={text.none}>
              {add}
            </Blank>
          ) : (
            <>
              <ul className="assets">
                {list.map((asset) => (
                  <Asset key={asset.id} asset={asset} may={may} {...(onPick === undefined ? {} : { onPick })} />
                ))}
              </ul>
              <div className="actions">{add}</div>
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function Asset({ asset, may, onPick }: { asset: AssetView; may: boolean; onPick?: (id: AssetId) => void }) {
  const remove = useAction({ run: placeActions.deleteAsset, stale: [placeKeys.assets], done: text.removed });
  const picture = <img src={assetPictureOf(asset.id)} alt={asset.name} loading="lazy" />;
  return (
    <li className="asset">
      {onPick === undefined ? (
        <div className="asset-picture">{picture}</div>
      ) : (
        <button
          type="button"
          className="asset-picture"
          aria-label={text.use(asset.name)}
          onClick={() => onPick(asset.id)}
        >
          {picture}
        </button>
      )}
      <p className="small">
        {asset.name}
        <span className="muted">{` ${asset.widthPx} × ${asset.heightPx}, ${sayBytes(asset.sizeBytes)}`}</span>
      </p>
      {may && (
        <Button
          kind="quiet"
          icon="trash"
          aria-label={text.remove(asset.name)}
          busy={remove.busy}
          onClick={() => remove.run(asset.id)}
        />
      )}
    </li>
  );
}
