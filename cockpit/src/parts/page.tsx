import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** One page: its heading takes the focus when a person comes to it, so that a screen reader tells where they are. */
export function Page({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </>
  );
}
