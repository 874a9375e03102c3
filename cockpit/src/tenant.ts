import { useSearchParams } from 'wouter-preact';
import { useSession } from './session';

const KEY = 'insightcrm.tenant';

/** For whom a person looks at imports: the token's tenant, or that of the page's address, or the one they named last. */
export function useTenant(): { tenant: string; isFixed: boolean; choose: (tenant: string) => void } {
  const { visitor } = useSession();
  const [search, setSearch] = useSearchParams();
  const choose = (tenant: string): void => {
    localStorage.setItem(KEY, tenant);
    setSearch({ tenant }, { replace: true });
  };
  const chosen = search.get('tenant') ?? localStorage.getItem(KEY) ?? '';
  return { tenant: visitor.tenantId ?? chosen, isFixed: visitor.tenantId !== null, choose };
}

/** Whose they are stands in the address: it is the same page in another tab, and for another person. */
export const importsHref = (tenant: string): string => `/imports?tenant=${encodeURIComponent(tenant)}`;
export const importHref = (importId: string, tenant: string): string =>
  `/imports/${encodeURIComponent(importId)}?tenant=${encodeURIComponent(tenant)}`;
