import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { ImportPreviewView } from '../../../../src/customer/api/import-preview.view';
import type { UploadAcceptedView } from '../../../../src/customer/api/import.view';
import { bytes } from '../../format';
import { Problem } from '../../parts/problem';
import { send } from '../../server/api';
import { useAct } from '../../server/use-act';
import { importHref } from '../../tenant';
import { FileDrop } from './file-drop';
import { PreviewedFile } from './previewed-file';

/** Far more than the first 20 rows have; so a large file is looked at without being sent. */
const PREVIEWED_BYTES = 4 * 1024 * 1024;

/** A file that misses its place would be opened instead of this page. */
const leave = (event: DragEvent): void => {
  event.preventDefault();
};

type Mapping = ImportPreviewView['mapping'];

/** From a file to an import: look at it, say what its columns are, start. */
export function NewImport({ tenant }: { tenant: string }) {
  const [file, setFile] = useState<File>();
  const [preview, setPreview] = useState<ImportPreviewView>();
  const [, navigate] = useLocation();
  /** Who went to another page meanwhile stays there. */
  const isHere = useRef(true);
  useEffect(
    () => () => {
      isHere.current = false;
    },
    [],
  );
  /** The same start, sent again after a cut, is the same import. */
  const key = useRef('');
  const latest = useRef<File>();

  const look = useAct(async (of: File, mapping?: Mapping) => {
    const query = mapping ? `?mapping=${encodeURIComponent(JSON.stringify(mapping))}` : '';
    const body = of.slice(0, PREVIEWED_BYTES);
    latest.current = of;
    const seen = await send<ImportPreviewView>('POST', `/api/customer/imports/preview${query}`, {
      body,
      tenant,
    });
    // Of a file that was dropped since, it says nothing.
    if (latest.current === of) setPreview(seen);
  });
  const start = useAct(async (onDuplicate: string, dryRun: boolean) => {
    if (!file || !preview) return;
    const query = new URLSearchParams({
      onDuplicate,
      dryRun: String(dryRun),
      mapping: JSON.stringify(preview.mapping),
    });
    const { importId } = await send<UploadAcceptedView>('POST', `/api/customer/upload?${query}`, {
      body: file,
      tenant,
      idempotencyKey: key.current,
    });
    if (isHere.current) navigate(importHref(importId, tenant));
  });

  useEffect(() => {
    key.current = crypto.randomUUID();
  }, [file, preview]);

  useEffect(() => {
    window.addEventListener('dragover', leave);
    window.addEventListener('drop', leave);
    return () => {
      window.removeEventListener('dragover', leave);
      window.removeEventListener('drop', leave);
    };
  }, []);

  const take = (taken: File): void => {
    setFile(taken);
    setPreview(undefined);
    look.run(taken);
  };

  return (
    <section aria-label="New import">
      <h2>New import</h2>
      <FileDrop onFile={take} />
      {file && (
        <p class="note" role="status">
          {file.name}, {bytes(file.size)}
          {look.isRunning && ' – looking at it …'}
        </p>
      )}
      <Problem text={look.problem} />
      {file && preview && (
        <PreviewedFile
          preview={preview}
          isBusy={look.isRunning || start.isRunning}
          isSending={start.isRunning}
          onMap={(mapping) => {
            look.run(file, mapping);
          }}
          onStart={start.run}
        />
      )}
      <Problem text={start.problem} />
    </section>
  );
}
