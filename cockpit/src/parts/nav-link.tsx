import { Link, useRoute } from 'wouter-preact';

/** Tells where one is, also deeper in. */
export function NavLink({ href, name }: { href: string; name: string }) {
  const [isHere] = useRoute(href === '/' ? '/' : `${href}/*?`);
  return (
    <Link href={href} {...(isHere && { 'aria-current': 'page' as const })}>
      {name}
    </Link>
  );
}
