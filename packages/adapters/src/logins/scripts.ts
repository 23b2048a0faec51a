import { redisScript } from '../redis/link.ts'

// A login is `login:ID`, its tokens `access:HASH` and `refresh:HASH`, all of them hashes that expire by themselves.
// `logins:USER` names the logins of a user by when they were made, `user:USER` is what the user may do, and `rights` what
// each role may, for good: there are few. A login knows its
// newest access token: any other is ended. ARGV[1] is always what the names of logins begin with.
//
// The newest access token lives as long as its refresh token, for its holder may come back all that time and has to
// learn that it is only too old. Memory is bounded all the same: a login has one of these, with a refresh token that
// lives as long anyway. A renewal cuts the one that it replaces back to how long is kept what has expired.

/** KEYS: the access token, the rights of roles. ARGV: login prefix, user prefix. */
export const FIND = redisScript(`
  local s = redis.call('HMGET', KEYS[1], 'login', 'user', 'expires')
  if not s[1] then return false end
  local l = redis.call('HMGET', ARGV[1] .. s[1], 'access', 'ended', 'portal', 'provenAt', 'scopes', 'impersonatedBy')
  local u = redis.call('HMGET', ARGV[2] .. s[2], 'role', 'grants', 'verified')
  if not l[1] or not u[1] then return false end
  local rights = redis.call('HGET', KEYS[2], u[1])
  if not rights then return false end
  return {s[1], s[2], s[3], l[1], l[2], l[3], l[4], l[5], l[6], u[1], rights, u[2], u[3]}`)

/**
 * KEYS: the login, the logins of its user, those that the administrator who acts for the user has made so. ARGV: login prefix, id,
 * created, life, then fields and values.
 */
export const START = redisScript(`
  redis.call('HSET', KEYS[1], unpack(ARGV, 5))
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, 9)) do
    if redis.call('EXISTS', ARGV[1] .. id) == 0 then redis.call('ZREM', KEYS[2], id) end
  end
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  if KEYS[3] then
    redis.call('SADD', KEYS[3], ARGV[2])
    redis.call('PEXPIRE', KEYS[3], ARGV[4])
  end`)

/** KEYS: the logins in which an administrator acts for others. ARGV: login prefix, now. */
export const END_IMPERSONATIONS = redisScript(`
  for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    if redis.call('EXISTS', ARGV[1] .. id) == 1 and not redis.call('HGET', ARGV[1] .. id, 'ended') then
      redis.call('HSET', ARGV[1] .. id, 'ended', ARGV[2], 'reason', 'forced')
    end
  end
  redis.call('DEL', KEYS[1])`)

/**
 * KEYS: login, access, refresh, user, rights of roles. ARGV: prefix, login, user, hash, access expiry, the same in ms, refresh
 * expiry and life, role, rights, grants, verified.
 */
export const ADD_TOKENS = redisScript(`
  if redis.call('HSET', KEYS[1], 'access', ARGV[4]) == 1 and redis.call('HLEN', KEYS[1]) == 1 then
    redis.call('DEL', KEYS[1])
    return 0
  end
  redis.call('HSET', KEYS[2], 'login', ARGV[2], 'user', ARGV[3], 'expires', ARGV[5], 'over', ARGV[6])
  redis.call('PEXPIRE', KEYS[2], ARGV[8])
  redis.call('HSET', KEYS[3], 'login', ARGV[2], 'user', ARGV[3], 'expires', ARGV[7])
  redis.call('PEXPIRE', KEYS[3], ARGV[8])
  redis.call('HSET', KEYS[4], 'role', ARGV[9], 'grants', ARGV[11], 'verified', ARGV[12])
  redis.call('PEXPIRE', KEYS[4], ARGV[8])
  redis.call('HSETNX', KEYS[5], ARGV[9], ARGV[10])
  return 1`)

/** KEYS: the user, the rights of roles. ARGV: role, grants, verified, rights. Only of somebody who is signed in is there anything to change. */
export const SET_STANDING = redisScript(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  redis.call('HSET', KEYS[1], 'role', ARGV[1], 'grants', ARGV[2], 'verified', ARGV[3])
  redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[4])
  return 1`)

/** KEYS: the logins of a user. ARGV: login prefix, now, how many stay, how many to name. */
export const BEYOND = redisScript(`
  local out, live = {}, 0
  for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
    local l = redis.call('HMGET', ARGV[1] .. id, 'expiresAt', 'ended')
    if l[1] and l[1] > ARGV[2] and not l[2] then
      live = live + 1
      if live > tonumber(ARGV[3]) then out[#out + 1] = id end
      if #out >= tonumber(ARGV[4]) then break end
    end
  end
  return out`)

/** KEYS: the login. ARGV: now. */
export const PROVE = redisScript(`
  if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'provenAt', ARGV[1]) end`)

/** KEYS: the refresh token. ARGV: login prefix. */
export const FIND_REFRESH = redisScript(`
  local t = redis.call('HMGET', KEYS[1], 'login', 'user', 'expires', 'used')
  if not t[1] then return false end
  local l = redis.call('HMGET', ARGV[1] .. t[1], 'userId', 'ended', 'portal', 'endsAt', 'scopes', 'impersonatedBy')
  if not l[1] then return false end
  return {t[1], t[2], t[3], t[4], l[2], l[3], l[4], l[5], l[6]}`)

/** KEYS: the refresh token. ARGV: prefix, now. */
export const SPEND = redisScript(`
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  return redis.call('HSETNX', KEYS[1], 'used', ARGV[2])`)

/**
 * KEYS: the login. ARGV: prefix, now, expiry, life, prefixes of the logins of users and of access tokens, now in ms, how
 * long is kept what has expired.
 */
export const RENEW = redisScript(`
  local l = redis.call('HMGET', KEYS[1], 'userId', 'ended', 'access')
  if not l[1] or l[2] then return 0 end
  local replaced = ARGV[6] .. (l[3] or '')
  local over = redis.call('HGET', replaced, 'over')
  if over then redis.call('PEXPIRE', replaced, math.max(over - ARGV[7], 0) + ARGV[8]) end
  redis.call('HSET', KEYS[1], 'refreshedAt', ARGV[2], 'expiresAt', ARGV[3], 'access', '')
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
      local l = redis.call('HMGET', ARGV[1] .. id, 'userId', 'expiresAt', 'ended')
      if l[1] == ARGV[2] and l[2] > ARGV[3] and not l[3] then
        redis.call('HSET', ARGV[1] .. id, 'ended', ARGV[3], 'reason', ARGV[4])
        redis.call('ZREM', KEYS[1], id)
        count = count + 1
      end
    end
  end
  return count`)

/**
 * KEYS: the logins of a user. ARGV: login prefix, now, newest moment to start at, created and id to go on after, how many,
 * then the fields to answer after the id.
 */
export const LIST = redisScript(`
  local out, gone, offset, most = {}, {}, 0, tonumber(ARGV[6])
  while #out < most do
    local ids = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[3], '-inf', 'LIMIT', offset, 100)
    if #ids == 0 then break end
    offset = offset + #ids
    for _, id in ipairs(ids) do
      local l = redis.call('HMGET', ARGV[1] .. id, 'userId', 'createdAt', 'expiresAt', 'ended')
      if not l[1] or l[4] or l[3] <= ARGV[2] then gone[#gone + 1] = id
      elseif #out < most and (l[2] ~= ARGV[4] or id < ARGV[5]) then
        out[#out + 1] = {id, unpack(redis.call('HMGET', ARGV[1] .. id, unpack(ARGV, 7)))}
      end
    end
  end
  for _, id in ipairs(gone) do redis.call('ZREM', KEYS[1], id) end
  return out`)
