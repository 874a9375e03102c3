import { useState } from 'preact/hooks';
import { useSession } from './session';

const KEY = 'insightcrm.tenant';

/** For whom a person looks at imports: the token's tenant, or the one they named last. */
export function useTenant(): { tenant: string; isFixed: boolean; choose: (tenant: string) => void } {
  const { visitor } = useSession();
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY) ?? '');
  const choose = (tenant: string): void => {
    localStorage.setItem(KEY, tenant);
    setChosen(tenant);
  };
  return { tenant: visitor.tenantId ?? chosen, isFixed: visitor.tenantId !== null, choose };
}
