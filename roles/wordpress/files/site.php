<?php
// Copyright (c) 2026 The lvs.cluster maintainers
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Have the site be what $wanted says (tasks/site.yml): installed, upgraded, with this title, URL, language and administrator. Prints what
// it changed as JSON; with $wanted['check'] it changes nothing, and prints what it would. Says on standard error what is wrong, and no
// secret.

function fail(string $message): void
{
    fwrite(STDERR, $message . "\n");
    exit(1);
}

// WordPress ends with a page of HTML and success where it cannot go on.
$done = false;
ob_start();
register_shutdown_function(function () use (&$done) {
    if (!$done) {
        $page = trim(html_entity_decode(strip_tags((string) ob_get_clean()), ENT_QUOTES));
        if ($page !== '') {
            fwrite(STDERR, 'WordPress says: ' . preg_replace('/\s+/', ' ', $page) . "\n");
        }
        exit(1);
    }
});

// Where a visitor would be. Without plugins, and where a new version has left the site closed.
$url = rtrim($wanted['url'], '/');
$_SERVER = array_merge($_SERVER, [
    'HTTP_HOST' => parse_url($url, PHP_URL_HOST), 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET', 'SERVER_PROTOCOL' => 'HTTP/1.1',
    'REMOTE_ADDR' => '127.0.0.1', 'PHP_SELF' => '/index.php', 'SCRIPT_NAME' => '/index.php',
]);
define('WP_INSTALLING', true);

// No mail to tell of it.
function wp_new_blog_notification()
{
}

require $wanted['path'] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
// Neither mail nor requests to itself, whose address may lead to nobody yet.
add_filter('pre_wp_mail', '__return_true');
add_filter('pre_http_request', fn () => new WP_Error('off', 'no requests'));

$language = $wanted['language'] === 'en_US' ? '' : $wanted['language'];
if ($language !== '' && !in_array($language, get_available_languages(), true)) {
    fail("This WordPress has no language {$language}, but " . implode(', ', ['en_US', ...get_available_languages()]));
}

$changed = [];
// Notes a change, and says whether to make it.
$change = function (string $what) use (&$changed, $wanted): bool {
    $changed[] = $what;
    return !$wanted['check'];
};
// As the login form hands it on.
$password = wp_slash(trim($wanted['admin']['password']));
$admin = $wanted['admin'];

$installed = is_blog_installed();
if (!$installed && $change('installed')) {
    define('WP_SITEURL', $url);
    if ($language !== '' && load_default_textdomain($language)) {
        $GLOBALS['wp_locale'] = new WP_Locale();
    }
    wp_install($wanted['title'], $admin['user'], $admin['email'], true, '', $password, $language);
    $installed = true;
}

if ($installed) {
    if ((int) get_option('db_version') !== (int) $wp_db_version && $change('database')) {
        wp_upgrade();
    }
    // A first run may have been killed before it came that far.
    if (!get_role('administrator') && $change('roles')) {
        populate_roles();
    }
    $options = ['blogname' => $wanted['title'], 'siteurl' => $url, 'home' => $url, 'WPLANG' => $language, 'admin_email' => $admin['email']];
    foreach ($options as $name => $value) {
        $value = sanitize_option($name, $value);
        if ((string) get_option($name) !== $value && $change($name)) {
            update_option($name, $value);
        }
    }
    $user = get_user_by('login', $admin['user']);
    if (!$user) {
        if ($change('administrator')) {
            $made = wp_create_user($admin['user'], $password, $admin['email']);
            if (is_wp_error($made)) {
                fail("{$admin['user']} cannot be made an administrator: " . $made->get_error_message());
            }
            (new WP_User($made))->set_role('administrator');
        }
    } else {
        if (!in_array('administrator', $user->roles, true) && $change('administrator')) {
            $user->set_role('administrator');
        }
        if (!wp_check_password($password, $user->user_pass, $user->ID) && $change('password')) {
            wp_set_password($password, $user->ID);
        }
        if ($user->user_email !== $admin['email'] && $change('email')) {
            wp_update_user(['ID' => $user->ID, 'user_email' => $admin['email']]);
        }
    }
}

ob_end_clean();
$done = true;
echo json_encode(['changed' => $changed, 'version' => $wp_version]), "\n";
