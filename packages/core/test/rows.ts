/** What the rows of logins have that a test does not look at. */
export const plainLogin = (at: string, until: string) => ({
  portal: null,
  address: null,
  user_agent: null,
  method: 'password',
  device_id: null,
  country: null,
  created_at: at,
  refreshed_at: at,
  proven_at: at,
  expires_at: until,
  ends_at: until,
  scopes: null,
  impersonated_by: null,
  suspicion: null,
  ended_at: null,
  end_reason: null,
})
