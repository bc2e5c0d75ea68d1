<?php
// Copyright (c) 2026 The lvs.cluster maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Ask whether the database lets in whom $wanted names (vars/main.yml). Says on standard error what the database said, which WordPress does
// not, and no secret.

// ADDRESS, ADDRESS:PORT, [IPv6]:PORT, localhost:/SOCKET.
$database = $wanted['database'];
preg_match('/^(?:\[(?<six>[^]]+)\]|(?<host>[^:]*))(?::(?:(?<port>\d+)|(?<socket>.+)))?$/', $database['host'], $where, PREG_UNMATCHED_AS_NULL);
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
try {
    $link = new mysqli($where['six'] ?? $where['host'], $database['user'], $database['password'], $database['name'],
        $where['port'] === null ? null : (int) $where['port'], $where['socket']);
    $link->close();
} catch (mysqli_sql_exception $error) {
    fwrite(STDERR, "{$database['name']} at {$database['host']} cannot be used as {$database['user']}: {$error->getMessage()}\n");
    exit(1);
}
