import { redisScript } from '../redis/link.ts'

// A login is `login:ID`, its tokens `access:HASH` and `refresh:HASH`, all of them hashes that expire by themselves.
// `logins:USER` names the logins of a user by when they were made, and `role:USER` is the user's role. A login knows its
// newest access token: any other is ended. ARGV[1] is always what the names of logins begin with.
//
// The newest access token lives as long as its refresh token, for its holder may come back all that time and has to
// learn that it is only too old. Memory is bounded all the same: a login has one of these, with a refresh token that
// lives as long anyway. A renewal cuts the one that it replaces back to how long is kept what has expired.

/** KEYS: the access token. ARGV: login prefix, role prefix. */
export const FIND = redisScript(`
  local s = redis.call('HMGET', KEYS[1], 'login', 'user', 'expires')
  if not s[1] then return false end
  local l = redis.call('HMGET', ARGV[1] .. s[1], 'access', 'ended', 'portal')
  local role = redis.call('GET', ARGV[2] .. s[2])
  if not l[1] or not role then return false end
  return {s[1], s[2], s[3], role, l[1], l[2], l[3]}`)

/** KEYS: the login, the logins of its user. ARGV: login prefix, id, created, life, then fields and values. */
export const START = redisScript(`
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, 9)) do
    if redis.call('EXISTS', ARGV[1] .. id) == 0 then redis.call('ZREM', KEYS[2], id) end
  end
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])`)

/** KEYS: login, access, refresh, role. ARGV: prefix, login, user, role, hash, access expiry, the same in ms, refresh expiry and life. */
export const ADD_TOKENS = redisScript(`
  if redis.call('HSET', KEYS[1], 'access', ARGV[5]) == 1 and redis.call('HLEN', KEYS[1]) == 1 then
    redis.call('DEL', KEYS[1])
    return 0
  end
  redis.call('HSET', KEYS[2], 'login', ARGV[2], 'user', ARGV[3], 'expires', ARGV[6], 'over', ARGV[7])
  redis.call('PEXPIRE', KEYS[2], ARGV[9])
  redis.call('HSET', KEYS[3], 'login', ARGV[2], 'user', ARGV[3], 'expires', ARGV[8])
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
  redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[9])
  return 1`)

/** KEYS: the refresh token. ARGV: login prefix. */
export const FIND_REFRESH = redisScript(`
  local t = redis.call('HMGET', KEYS[1], 'login', 'user', 'expires', 'used')
  if not t[1] then return false end
  local l = redis.call('HMGET', ARGV[1] .. t[1], 'user', 'ended', 'portal')
  if not l[1] then return false end
  return {t[1], t[2], t[3], t[4], l[2], l[3]}`)

/** KEYS: the refresh token. ARGV: prefix, now. */
export const SPEND = redisScript(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  return redis.call('HSETNX', KEYS[1], 'used', ARGV[2])`)

/**
 * KEYS: the login. ARGV: prefix, now, expiry, life, prefixes of the logins of users and of access tokens, now in ms, how
 * long is kept what has expired.
 */
export const RENEW = redisScript(`
  local l = redis.call('HMGET', KEYS[1], 'user', 'ended', 'access')
  if not l[1] or l[2] then return 0 end
  local replaced = ARGV[6] .. (l[3] or '')
  local over = redis.call('HGET', replaced, 'over')
  if over then redis.call('PEXPIRE', replaced, math.max(over - ARGV[7], 0) + ARGV[8]) end
  redis.call('HSET', KEYS[1], 'refreshed', ARGV[2], 'expires', ARGV[3], 'access', '')
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  redis.call('PEXPIRE', ARGV[5] .. l[1], ARGV[4])
  return 1`)

/** KEYS: the logins of a user. ARGV: login prefix, user, now, reason, 'only' or 'except', login. */
export const END = redisScript(`
  local ids = {ARGV[6]}
  if ARGV[5] == 'except' then ids = redis.call('ZRANGE', KEYS[1], 0, -1) end
  local count = 0
  for _, id in ipairs(ids) do
    if ARGV[5] == 'only' or id ~= ARGV[6] then
      local l = redis.call('HMGET', ARGV[1] .. id, 'user', 'expires', 'ended')
      if l[1] == ARGV[2] and l[2] > ARGV[3] and not l[3] then
        redis.call('HSET', ARGV[1] .. id, 'ended', ARGV[3], 'reason', ARGV[4])
        redis.call('ZREM', KEYS[1], id)
        count = count + 1
      end
    end
  end
  return count`)

/** KEYS: the logins of a user. ARGV: login prefix, now, newest moment to start at, created and id to go on after, how many. */
export const LIST = redisScript(`
  local out, gone, offset, most = {}, {}, 0, tonumber(ARGV[6])
  while #out < most do
    local ids = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '-inf', 'LIMIT', offset, 100)
    if #ids == 0 then break end
    offset = offset + #ids
    for _, id in ipairs(ids) do
      local l = redis.call('HMGET', ARGV[1] .. id, 'user', 'created', 'refreshed', 'expires', 'portal', 'address', 'agent', 'ended')
      if not l[1] or l[8] or l[4] <= ARGV[2] then gone[#gone + 1] = id
      elseif #out < most and (l[2] ~= ARGV[4] or id < ARGV[5]) then
        out[#out + 1] = {id, l[1], l[2], l[3], l[4], l[5], l[6], l[7]}
      end
    end
  end
  for _, id in ipairs(gone) do redis.call('ZREM', KEYS[1], id) end
  return out`)
