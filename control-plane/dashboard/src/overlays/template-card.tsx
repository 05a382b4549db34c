/** A template as it looks, with its name. */
import type { FrameId, OverlayTemplateView } from '@slowlight/protocol';
import type { ReactNode } from 'react';
import { words } from '../words.ts';
import { useDrawing } from './use-drawing.ts';

interface Props {
  template: OverlayTemplateView;
  frameId: FrameId | null | undefined;
  zone: string;
  children?: ReactNode;
}

export function TemplatePicture({ template, frameId, zone }: Omit<Props, 'children'>) {
  const { drawing } = useDrawing(template.layout, frameId, zone);
  return drawing === null ? (
    <div className="template-picture skeleton" />
  ) : (
    <img className="template-picture" src={drawing.src} alt="" loading="lazy" />
  );
}

export function TemplateWords({ template, children }: Pick<Props, 'template' | 'children'>) {
  return (
    <div className="template-words">
      <div>
        <h3>{template.name}</h3>
        <p className="muted small">
          {template.builtIn ? words.overlays.builtIn : words.overlays.version(template.newestVersion)}
        </p>
      </div>
      {children}
    </div>
  );
}
